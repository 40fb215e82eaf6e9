/** Personal data in a text (spec/provers.md, 11). Texts are a stranger's and long, so every pattern takes linear time. */

// What stands before the sign only has to end in one good character, so looking back at one is enough.
const EMAIL = /(?<=[A-Za-z0-9._%+-])@([A-Za-z0-9.-]+)/g;
const IBAN = /(?<![A-Za-z0-9])[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}(?![A-Za-z0-9])/g;
const PHONE = /\+[1-9][0-9 ()-]{6,18}[0-9](?![0-9])/;

export function hasEmail(text: string): boolean {
  for (const [, host] of text.matchAll(EMAIL)) {
    // A label that is empty ends the name; the last of the labels before it needs two letters to begin with.
    const labels = (host as string).split('.');
    const end = labels.indexOf('');
    const names = end < 0 ? labels : labels.slice(0, end);
    if (names.slice(1).some((label) => /^[A-Za-z]{2}/.test(label))) return true;
  }
  return false;
}

export function hasIban(text: string): boolean {
  for (const [found] of text.matchAll(IBAN)) {
    let rest = 0;
    for (const character of found.slice(4) + found.slice(0, 4)) {
      const value = parseInt(character, 36);
      rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
    }
    if (rest === 1) return true;
  }
  return false;
}

export function hasPhone(text: string): boolean {
  return PHONE.test(text);
}

export function hasCard(text: string): boolean {
  let groups: string[] = [];
  let end = -1;
  for (const match of text.matchAll(/[0-9]+/g)) {
    const follows = match.index === end + 1 && (text[end] === ' ' || text[end] === '-');
    groups = follows ? [...groups.slice(-18), match[0]] : [match[0]];
    end = match.index + match[0].length;
    if (endsInCard(groups)) return true;
  }
  return false;
}

/** Whole groups up to the last of together 13 to 19 digits. */
function endsInCard(groups: readonly string[]): boolean {
  let digits = '';
  for (let at = groups.length - 1; at >= 0; at--) {
    digits = (groups[at] as string) + digits;
    if (digits.length > 19) return false;
    if (digits.length >= 13 && luhn(digits) === 0) return true;
  }
  return false;
}

function luhn(digits: string): number {
  let sum = 0;
  for (let at = 0; at < digits.length; at++) {
    const value = Number(digits[digits.length - 1 - at]) * (at % 2 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10;
}
