/** What is asked of a person before something is done with a run, and what is sent then. Pure. */

export type ActionName = 'cancel' | 'pause' | 'resume' | 'rerun' | 'fork';

export interface Question {
  readonly title: string;
  readonly text: string;
  readonly button: string;
  readonly isReasonNeeded: boolean;
  readonly isDangerous: boolean;
}

export const QUESTIONS: Readonly<Record<ActionName, Question>> = {
  cancel: {
    title: 'Cancel this run?',
    text: 'No further step starts. Steps that are under way end and are recorded; the run is sealed as cancelled and cannot be taken up again.',
    button: 'Cancel the run',
    isReasonNeeded: true,
    isDangerous: true,
  },
  pause: {
    title: 'Pause this run?',
    text: 'No further step starts until it is resumed. Steps that are under way go on to their end.',
    button: 'Pause the run',
    isReasonNeeded: true,
    isDangerous: false,
  },
  resume: {
    title: 'Resume this run?',
    text: 'It goes on where it stands.',
    button: 'Resume the run',
    isReasonNeeded: false,
    isDangerous: false,
  },
  rerun: {
    title: 'Run it again?',
    text: 'Another run of the same definition and parameters, in your name. Policies, provers and licences are those of now. This run stays as it is.',
    button: 'Run again',
    isReasonNeeded: false,
    isDangerous: false,
  },
  fork: {
    title: 'Run it with other parameters?',
    text: 'Another run of the same definition in your name, with the parameters below in the place of those of that name.',
    button: 'Run with these',
    isReasonNeeded: false,
    isDangerous: false,
  },
};

export interface Entered {
  readonly reason: string;
  readonly parameters: string;
}

export type Checked =
  | { readonly kind: 'good'; readonly body: Readonly<Record<string, unknown>> }
  | { readonly kind: 'bad'; readonly reason?: string; readonly parameters?: string };

/** The body to be sent, or what is wrong with what was entered. */
export function bodyOf(name: ActionName, entered: Entered): Checked {
  const reason = entered.reason.trim();
  if (!reason && QUESTIONS[name].isReasonNeeded)
    return { kind: 'bad', reason: 'Say why: it is kept with the run.' };
  const said = reason ? { reason } : {};
  if (name !== 'fork') return { kind: 'good', body: said };
  const parameters = objectIn(entered.parameters);
  if (typeof parameters === 'string') return { kind: 'bad', parameters };
  return { kind: 'good', body: { ...said, parameters } };
}

function objectIn(text: string): object | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return `This is no JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return 'Give an object of parameters by name, such as {"limit": 20}.';
  }
  return Object.keys(value).length ? value : 'Name at least one parameter; to change none, run it again.';
}
