/** What a person can say in a review, and the words around it. Pure. */

import type { Action, ReviewTicket } from '../../api/types.ts';
import { isDenial } from './words.ts';

export const LEAST_REASON = 20;

export interface Saying {
  readonly name: string;
  readonly button: string;
  readonly title: string;
  readonly confirm: string;
  readonly kind: 'primary' | 'danger' | 'plain';
  /** An override needs words that are more than a nod, and the name of what is overridden. */
  readonly weighty: boolean;
  readonly label: string;
}

export function sayingOf(name: string, review: ReviewTicket): Saying | null {
  const over = isDenial(review) ? ' as override' : '';
  const known: Readonly<Record<string, Omit<Saying, 'name'>>> = {
    approved: {
      button: `Approve${over}…`,
      title: `Approve${over}`,
      confirm: 'Sign and approve',
      kind: 'primary',
      weighty: true,
      label: 'Reason',
    },
    rejected: {
      button: 'Reject…',
      title: 'Reject',
      confirm: 'Sign and reject',
      kind: 'danger',
      weighty: false,
      label: 'Reason',
    },
    'info-requested': {
      button: 'Request more info…',
      title: 'Request more information',
      confirm: 'Sign and ask',
      kind: 'plain',
      weighty: false,
      label: 'Question',
    },
    'info-given': {
      button: 'Answer…',
      title: 'Answer the question',
      confirm: 'Send the answer',
      kind: 'primary',
      weighty: false,
      label: 'Answer',
    },
    'break-glass': {
      button: 'Break glass…',
      title: 'Break glass',
      confirm: 'Sign and break the glass',
      kind: 'danger',
      weighty: true,
      label: 'Reason',
    },
  };
  const found = known[name];
  return found ? { name, ...found } : null;
}

/** What is wrong with a reason, or null. Letters count, and not the space around them. */
export function reasonFault(reason: string, weighty: boolean): string | null {
  const text = reason.trim();
  if (!/[\p{L}\p{N}]/u.test(text)) return 'Say it in words.';
  if (weighty && [...text].length < LEAST_REASON)
    return `At least ${String(LEAST_REASON)} characters; ${String(LEAST_REASON - [...text].length)} more.`;
  return reason.length > 4000 ? 'At most 4,000 characters.' : null;
}

/** Those to show: what cannot be said in this state at all is left out, what this person may not say is told. */
export function shownActions(review: ReviewTicket): readonly Action[] {
  const order = ['approved', 'rejected', 'info-requested', 'info-given', 'break-glass'];
  return review.actions
    .filter((action) => action.code !== 'review.not_now')
    .sort((one, other) => order.indexOf(one.name) - order.indexOf(other.name));
}

/** Why a button is off, as one says it to the person who looks at it. */
export function refusal(action: Action): string | null {
  if (action.enabled) return null;
  const words: Readonly<Record<string, string>> = {
    'review.requester': 'You started this run; another must decide.',
    'review.excluded': 'You are excluded from this decision.',
    'review.not_assigned': 'It is assigned to other people.',
    'review.twice': 'You approved it already; another person is needed.',
    'review.expired': 'Its time is over.',
  };
  return words[action.code ?? ''] ?? action.reason ?? 'It cannot be done now.';
}
