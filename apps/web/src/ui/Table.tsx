import type { ReactElement, ReactNode } from 'react';

import { classes } from './classes.ts';
import styles from './Table.module.css';

export interface Column {
  readonly name: string;
  /** Numbers stand at the end of their column; so must their cells, by `numberCell`. */
  readonly isNumber?: boolean;
}

interface Props {
  /** Of what it lists. */
  readonly label: string;
  readonly columns: readonly (string | Column)[];
  /** Its rows. */
  readonly children: ReactNode;
  /** Stands for itself, in a frame, and not in a panel. */
  readonly isFramed?: boolean;
}

export const numberCell = styles.number;

/** A plain table. What is wider than the page scrolls, and can be reached by keyboard. */
export function Table({ label, columns, children, isFramed = false }: Props): ReactElement {
  return (
    <div
      className={classes(styles.scroll, isFramed && styles.framed)}
      role="region"
      aria-label={label}
      tabIndex={0}
    >
      <table className={styles.table}>
        <thead>
          <tr>
            {columns.map((column) => {
              const { name, isNumber = false } = typeof column === 'string' ? { name: column } : column;
              return (
                <th key={name} scope="col" className={isNumber ? styles.number : undefined}>
                  {name}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
