import js from '@eslint/js';
import rxjs from 'eslint-plugin-rxjs-x';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** What the page takes of a browser. */
const BROWSER = Object.fromEntries(
  (
    'document location localStorage matchMedia addEventListener requestAnimationFrame setTimeout clearTimeout setInterval ' +
    'clearInterval WebSocket URL TextEncoder ResizeObserver Element HTMLElement HTMLButtonElement HTMLDivElement ' +
    'HTMLFormElement HTMLInputElement HTMLTextAreaElement HTMLUListElement isSecureContext'
  )
    .split(' ')
    .map((name) => [name, 'readonly']),
);

export default defineConfig(
  { ignores: ['dist/', 'bench/build/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [
      tseslint.configs.strictTypeChecked,
      tseslint.configs.stylisticTypeChecked,
      rxjs.configs.recommended,
    ],
    // The other way of saying it is forbidden by the same set.
    rules: { '@typescript-eslint/non-nullable-type-assertion-style': 'off' },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
  },
  {
    files: ['**/*.js'],
    ignores: ['web/'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        Buffer: 'readonly',
        performance: 'readonly',
        setImmediate: 'readonly',
      },
    },
  },
  { files: ['web/*.js'], languageOptions: { globals: BROWSER } },
);
