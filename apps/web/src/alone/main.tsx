/** `verify.html`: the page Verify without the console around it. verifier-file.ts makes one file of it. */

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { verifiersAt } from '../screens/verify/verifiers.ts';
import { Alone } from './Alone.tsx';
import '../styles/tokens.css';
import '../styles/base.css';
import './alone.css';

// The worker's script is in this one. Its address is never given up: each verification begins a worker.
const script = new Blob([VERIFIER_SCRIPT], { type: 'text/javascript' });
const verifiers = verifiersAt(URL.createObjectURL(script), 'classic');

const root = document.getElementById('root');
if (!root) throw new Error('verify.html has no #root');
createRoot(root).render(
  <StrictMode>
    <Alone verifiers={verifiers} />
  </StrictMode>,
);
