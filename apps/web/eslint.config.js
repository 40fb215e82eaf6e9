import js from '@eslint/js';
import a11y from 'eslint-plugin-jsx-a11y';
import hooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const OUTSIDE = [
  'fetch',
  'XMLHttpRequest',
  'WebSocket',
  'EventSource',
  'window',
  'document',
  'localStorage',
  'indexedDB',
];

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'src/api/schema.gen.ts'] },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['eslint.config.js'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      'max-lines': ['error', 300],
      'no-eval': 'error',
      'no-new-func': 'error',
      'no-restricted-globals': ['error', { name: 'fetch', message: 'Only api/ talks to the server.' }],
      eqeqeq: 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  {
    // The verifier judges files of strangers: it reaches nothing outside of what it is given.
    files: ['src/proof/**'],
    rules: {
      'no-restricted-globals': ['error', ...OUTSIDE],
      'no-restricted-imports': [
        'error',
        { patterns: ['react', 'react-dom', 'react*', '@tanstack/*', 'node:*', '../../*'] },
      ],
    },
  },
  {
    files: ['src/**/*.tsx', 'src/**/use*.ts'],
    plugins: { ...a11y.flatConfigs.strict.plugins, 'react-hooks': hooks },
    rules: {
      ...a11y.flatConfigs.strict.rules,
      ...hooks.configs.recommended.rules,
      'jsx-a11y/no-noninteractive-element-to-interactive-role': 'off',
      // A panel of tabs takes the focus, as the ARIA authoring practices say.
      'jsx-a11y/no-noninteractive-tabindex': [
        'error',
        { roles: ['tabpanel', 'region'], tags: ['main', 'h1'] },
      ],
    },
  },
  {
    // Queries and routes are described by what they give.
    files: ['src/api/queries.ts', 'src/api/screen-queries.ts', 'src/router.tsx'],
    rules: {
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      '@typescript-eslint/only-throw-error': 'off',
    },
  },
  {
    // What is worked out, and not drawn.
    files: [
      'src/graph/layout*.ts',
      'src/live/{parse,reducer}.ts',
      'src/diff/**',
      'src/forms/schema.ts',
      'src/audit/**',
      'src/settings/**',
      'src/verify/**',
    ],
    rules: {
      'no-restricted-imports': ['error', { patterns: ['react', 'react-dom', '@tanstack/*', '@xyflow/*'] }],
    },
  },
  { files: ['eslint.config.js'], ...tseslint.configs.disableTypeChecked },
);
