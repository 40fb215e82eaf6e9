/** Times and spans as people read them. Pure, apart from the reader's language. */

export type Zone = 'local' | 'utc';

type Style = 'full' | 'day' | 'clock';

const OPTIONS: Readonly<Record<Style, Intl.DateTimeFormatOptions>> = {
  full: { dateStyle: 'medium', timeStyle: 'medium' },
  day: { day: 'numeric', month: 'short' },
  clock: { timeStyle: 'medium' },
};
// To make one takes longer than to draw the row that it is for.
const formats = new Map<string, Intl.DateTimeFormat>();

function format(style: Style, zone: Zone, date: Date): string {
  const name = `${style} ${zone}`;
  const known =
    formats.get(name) ??
    new Intl.DateTimeFormat('en-GB', { ...OPTIONS[style], ...(zone === 'utc' ? { timeZone: 'UTC' } : {}) });
  formats.set(name, known);
  return known.format(date);
}

/** `26 Nov 2026, 14:02:11`, in the reader's zone or in UTC. */
export function absolute(iso: string, zone: Zone): string {
  return format('full', zone, new Date(iso));
}

/** `14:02:11` today, else with the day; UTC says so. */
export function brief(iso: string, zone: Zone, now: Date): string {
  const date = new Date(iso);
  const [day, clock] = [format('day', zone, date), format('clock', zone, date)];
  const text = day === format('day', zone, now) ? clock : `${day} ${clock}`;
  return zone === 'utc' ? `${text} UTC` : text;
}

/** `14:02:11.221`: where many things happen in one second. */
export function clock(iso: string, zone: Zone): string {
  return new Intl.DateTimeFormat('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
    ...(zone === 'utc' ? { timeZone: 'UTC' } : {}),
  }).format(new Date(iso));
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

/** `850 ms`, `12.4 s`, `4 min 2 s`, `2 d 3 h`: the two greatest units. */
export function span(milliseconds: number): string {
  const length = Math.max(0, milliseconds);
  if (length < 1000) return `${String(Math.round(length))} ms`;
  if (length < 60_000) return `${(length / 1000).toFixed(1)} s`;
  const at = UNITS.findIndex(([, size]) => length >= size);
  const [name, size] = UNITS[at] ?? UNITS[3];
  const whole = Math.floor(length / size);
  const next = UNITS[at + 1];
  const rest = next ? Math.floor((length - whole * size) / next[1]) : 0;
  return next && rest ? `${String(whole)} ${name} ${String(rest)} ${next[0]}` : `${String(whole)} ${name}`;
}

export function between(from: string, to: string | null | undefined, now: number): string {
  return span((to ? Date.parse(to) : now) - Date.parse(from));
}

/** What a field of type `datetime-local` shows of a time; empty for none. */
export function toField(time: string | undefined, zone: Zone): string {
  if (time === undefined) return '';
  const date = new Date(time);
  const shift = zone === 'utc' ? 0 : date.getTimezoneOffset() * 60_000;
  return new Date(date.getTime() - shift).toISOString().slice(0, 19);
}

/** The time that such a field means; undefined for an empty one. */
export function fromField(text: string, zone: Zone): string | undefined {
  if (!text) return undefined;
  const date = new Date(zone === 'utc' ? `${text}Z` : text);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
