/** The parts of Rego v1 that this verifier evaluates, as a tree. */

export type Term =
  | { readonly kind: 'scalar'; readonly value: null | boolean | number | string }
  | { readonly kind: 'var'; readonly name: string }
  | { readonly kind: 'ref'; readonly head: Term; readonly path: readonly Term[] }
  | { readonly kind: 'call'; readonly name: readonly string[]; readonly args: readonly Term[] }
  | { readonly kind: 'array' | 'set'; readonly items: readonly Term[] }
  | { readonly kind: 'object'; readonly members: readonly (readonly [Term, Term])[] }
  | { readonly kind: 'infix'; readonly operator: string; readonly left: Term; readonly right: Term }
  | { readonly kind: 'in'; readonly key: Term | null; readonly item: Term; readonly within: Term }
  | { readonly kind: 'comprehension'; readonly of: 'array' | 'set'; readonly head: Term; readonly body: Body }
  | {
      readonly kind: 'object-comprehension';
      readonly key: Term;
      readonly value: Term;
      readonly body: Body;
    };

export type Literal =
  | { readonly kind: 'expression'; readonly term: Term }
  | { readonly kind: 'not'; readonly term: Term }
  | { readonly kind: 'assign'; readonly name: string; readonly term: Term; readonly isUnify: boolean }
  | { readonly kind: 'declare'; readonly names: readonly string[] }
  | { readonly kind: 'some-in'; readonly key: Term | null; readonly item: Term; readonly within: Term };

export type Body = readonly Literal[];

/** `head` is what a rule defines: one value, a member of a set, or the value of a function. */
export interface Rule {
  readonly name: string;
  readonly kind: 'value' | 'member' | 'function';
  readonly isDefault: boolean;
  readonly parameters: readonly Term[];
  readonly value: Term;
  readonly body: Body;
}

export interface Module {
  readonly path: readonly string[];
  /** Alias → the path it stands for, `data` or `input` first. */
  readonly imports: ReadonlyMap<string, readonly string[]>;
  readonly rules: readonly Rule[];
  /** Every name that could be that of a built-in function, wherever it stands. */
  readonly names: ReadonlySet<string>;
}

/** The pinned engine does not load the module, or the evaluation fails in it: the decision is `error`. */
export class RegoError extends Error {
  override name = 'RegoError';
}
