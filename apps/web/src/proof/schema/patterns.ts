/** Patterns of JSON Schema in linear time, by RE2; only those that this engine and the pinned one read alike. */

import { RE2JS } from 're2js';

import { UnavailableError } from '../values.ts';

export type Matcher = (text: string) => boolean;

// Literals, classes, groups, alternatives, anchors and counts; the escapes that mean the same to all.
const COMMON =
  /^(?:[^\\[\](){}^$.|?*+]|\\[dDwWnrtf\\/.^$|?*+()[\]{}-]|[().|^$*+?]|\{[0-9]+(?:,[0-9]*)?\}|\[(?:[^\\[\]&~]|\\[dwnrtf\\/.^$|?*+()[\]{}-])+\])*$/;

/** A test whether the pattern matches somewhere, or null when no engine of the profile can use it. */
export function compilePattern(pattern: string): Matcher | null {
  // Look-around and back references need more than linear time.
  if (/\(\?<?[=!]|\\[1-9]|\\k</.test(pattern)) return null;
  if (/\(\?(?!:)/.test(pattern) || !COMMON.test(pattern)) {
    throw new UnavailableError(
      `the pattern ${JSON.stringify(pattern)} may mean something else to another engine`,
    );
  }
  try {
    // Escapes of signs that need none are an error to RE2 where they are letters, and none of these is.
    const compiled = RE2JS.compile(pattern.replaceAll('\\/', '/'));
    return (text) => compiled.matcher(text).find();
  } catch {
    throw new UnavailableError(`the pattern ${JSON.stringify(pattern)} is not read here`);
  }
}
