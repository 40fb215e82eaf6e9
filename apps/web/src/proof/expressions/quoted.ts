/** What stands in quotes in an expression, and comments. */

export const QUOTED = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|\/\*.*?\*\//gs;
