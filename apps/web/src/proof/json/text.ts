/** White space as Unicode has it (White_Space), and U+001C to U+001F: the inside of a character class. */
export const WHITE_SPACE =
  '\\t-\\r\\u001c-\\u001f \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
