import { useRef, type ReactElement } from 'react';

import { useAction } from '../../keys/useAction.ts';
import type { Check } from '../../proof/report.ts';
import { Button } from '../../ui/Button.tsx';
import { classes } from '../../ui/classes.ts';
import { Panel } from '../../ui/Panel.tsx';
import { LABELS, STATUS_LOOKS } from '../../verify/verdict.ts';
import styles from './Checks.module.css';

/** Of one check; the rest is in the report as JSON. */
const MOST_SHOWN = 100;
const MOST_OPEN = 4;

/** All nineteen, in their order, each with how it ended and everything that was found. */
export function Checks({ checks }: { readonly checks: readonly Check[] }): ReactElement {
  const list = useRef<HTMLUListElement>(null);
  const failures = checks.filter((check) => check.findings.length).length;
  const go = (step: 1 | -1): void => {
    const found = [...(list.current?.querySelectorAll<HTMLElement>('[data-finding]') ?? [])];
    const at = found.findIndex((item) => item.contains(document.activeElement));
    const next = at < 0 && step < 0 ? found.length - 1 : (at + step + found.length) % found.length;
    const target = found[next];
    target?.closest('details')?.setAttribute('open', '');
    target?.focus();
  };
  const disabled = failures ? undefined : 'nothing was found';
  useAction({
    id: 'verify-next',
    label: 'Next finding',
    section: 'This page',
    keys: ']',
    perform: () => go(1),
    disabled,
  });
  useAction({
    id: 'verify-previous',
    label: 'Previous finding',
    section: 'This page',
    keys: '[',
    perform: () => go(-1),
    disabled,
  });
  return (
    <Panel
      title="Checks"
      flush
      actions={
        failures ? (
          <Button kind="quiet" shortcut="]" onClick={() => go(1)}>
            Next finding
          </Button>
        ) : null
      }
    >
      <ul ref={list} className={styles.list}>
        {checks.map((check) => (
          <li key={check.name}>
            <Row check={check} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Row({ check }: { readonly check: Check }): ReactElement {
  const { findings } = check;
  const head = <Head check={check} />;
  if (!findings.length) return <div className={styles.row}>{head}</div>;
  const more = findings.length - MOST_SHOWN;
  return (
    <details open={findings.length <= MOST_OPEN} className={styles.details}>
      <summary className={styles.row}>{head}</summary>
      <ul className={styles.findings}>
        {findings.slice(0, MOST_SHOWN).map((item, index) => (
          <li key={index} className={styles.finding} data-finding tabIndex={-1}>
            <strong>{item.where}</strong>
            <span>{item.message}</span>
          </li>
        ))}
      </ul>
      {more > 0 ? <p className={styles.more}>and {more} more: all are in the report as JSON</p> : null}
    </details>
  );
}

function Head({ check }: { readonly check: Check }): ReactElement {
  const look = STATUS_LOOKS[check.status];
  const { name, what } = LABELS[check.name];
  const count = check.findings.length;
  const word = count > 1 ? `${look.word} · ${String(count)} findings` : look.word;
  return (
    <>
      <span className={classes(styles.glyph, styles[look.tone])} aria-hidden="true">
        {look.glyph}
      </span>
      <span className={styles.name}>{name}</span>
      <span className={styles.what}>{check.note || what}</span>
      <span className={classes(styles.status, styles[look.tone])}>{word}</span>
    </>
  );
}
