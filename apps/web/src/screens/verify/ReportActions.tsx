import { Check, Copy, Download, Printer } from 'lucide-react';
import { useState, type ReactElement } from 'react';

import { Button } from '../../ui/Button.tsx';
import { saveFile } from '../../ui/saveFile.ts';

interface Props {
  /** Of the file that was verified; the report is named after it. */
  readonly name: string;
  readonly text: () => string;
  readonly json: () => string;
}

/** The report to take along: copied, printed or as JSON. */
export function ReportActions({ name, text, json }: Props): ReactElement {
  const [copied, setCopied] = useState<'yes' | 'no' | null>(null);
  const copy = (): void => {
    navigator.clipboard.writeText(text()).then(
      () => setCopied('yes'),
      () => setCopied('no'),
    );
  };
  return (
    <>
      <Button onClick={copy}>
        {copied === 'yes' ? <Check size={15} aria-hidden="true" /> : <Copy size={15} aria-hidden="true" />}
        Copy report
      </Button>
      <Button onClick={() => window.print()}>
        <Printer size={15} aria-hidden="true" />
        Print
      </Button>
      <Button onClick={() => saveFile(`${name}.report.json`, json(), 'application/json')}>
        <Download size={15} aria-hidden="true" />
        JSON
      </Button>
      <span role="status" className="visually-hidden">
        {copied === 'yes' ? 'The report was copied.' : ''}
        {copied === 'no' ? 'The browser did not let the report be copied.' : ''}
      </span>
    </>
  );
}
