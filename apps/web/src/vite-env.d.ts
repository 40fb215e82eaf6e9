/// <reference types="vite/client" />

/** What the build knows of `verify.html` (verifier-file.ts). */
declare module 'virtual:verifier-file' {
  /** `sha256:…` of the file; null where it was not built, as by `npm run dev`. */
  export const FILE_DIGEST: string | null;
}

/** In `verify.html` only: the script of the worker. */
declare const VERIFIER_SCRIPT: string;
