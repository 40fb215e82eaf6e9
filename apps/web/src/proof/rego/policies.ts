/** Policy decisions from one bundle (spec/provers.md, 2), or UnavailableError where another engine might say otherwise. */

import { byBytes, type JsonObject } from '../json/value.ts';
import type { Bundle } from '../materials.ts';
import { UnavailableError } from '../values.ts';
import { isRefused } from './allowed.ts';
import { Evaluator } from './evaluator.ts';
import { parseModule } from './parser.ts';
import { RegoError, type Module } from './syntax.ts';
import { World } from './world.ts';

export type Decision = 'allow' | 'deny' | 'undefined' | 'non-boolean' | 'error';

const QUERY = /^data(?:\.[A-Za-z_][A-Za-z0-9_]*){2,}$/;

export class Policies {
  private readonly bundle: Bundle;
  private loaded: World | Error | null = null;

  constructor(bundle: Bundle) {
    this.bundle = bundle;
  }

  /** What the query says of the input; throws UnavailableError. */
  decide(query: string, input: JsonObject): Decision {
    if (!QUERY.test(query)) return 'error';
    this.loaded ??= load(this.bundle);
    if (this.loaded instanceof RegoError) return 'error';
    if (this.loaded instanceof Error) throw this.loaded;
    try {
      const value = new Evaluator(this.loaded, input).at(query.split('.').slice(1));
      if (value === undefined) return 'undefined';
      if (value === true) return 'allow';
      return value === false ? 'deny' : 'non-boolean';
    } catch (error) {
      if (error instanceof RegoError) return 'error';
      if (error instanceof RangeError) throw new UnavailableError('the policy is nested too deeply');
      throw error;
    }
  }
}

/** The bundle as a world; an error that any module makes certain stands before what is not read here. */
function load(bundle: Bundle): World | Error {
  const modules: Module[] = [];
  let unread: UnavailableError | null = null;
  for (const [path, source] of Object.entries(bundle.modules).sort(([left], [right]) =>
    byBytes(left, right),
  )) {
    try {
      const module = parseModule(source);
      modules.push(module);
      refuseBuiltins(module.names);
    } catch (error) {
      if (error instanceof RegoError) return error;
      if (!(error instanceof UnavailableError)) throw error;
      const names = (error as { names?: ReadonlySet<string> }).names;
      try {
        refuseBuiltins(names ?? new Set());
      } catch (refusal) {
        return refusal as Error;
      }
      unread ??= new UnavailableError(`module ${JSON.stringify(path)}: ${error.message}`);
    }
  }
  if (unread) return unread;
  try {
    return new World(modules, bundle.data);
  } catch (error) {
    if (error instanceof UnavailableError) return error;
    throw error;
  }
}

/** One forbidden name anywhere in the bundle makes every decision of that bundle an error. */
function refuseBuiltins(names: ReadonlySet<string>): void {
  for (const name of names) if (isRefused(name)) throw new RegoError(`the builtin ${name} is not allowed`);
}
