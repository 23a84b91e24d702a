import js from '@eslint/js';
import tseslint from 'typescript-eslint';
import layersModule from './tools/layers.cjs';

const { layers } = layersModule;
const pure = layers.filter(({ node }) => !node).map(({ name }) => `packages/${name}/src/**/*.ts`);
const asParameter = 'Clock and randomness are parameters in this package.';

const style = [
  { selector: 'ExportDefaultDeclaration', message: 'Use named exports.' },
  { selector: 'ExportSpecifier[exported.name="default"]', message: 'Use named exports.' },
  { selector: 'TSEnumDeclaration', message: 'Use an `as const` object or a union type.' },
  ...['ImportDeclaration', 'ExportNamedDeclaration', 'ExportAllDeclaration', 'ImportExpression'].map(
    (node) => ({
      selector: `${node}[source.value=/^\\.(?!.*\\.(ts|js|mjs|cjs|json)$)/]`,
      message: 'Relative imports name the file with its extension.',
    }),
  ),
  ...['ImportDeclaration', 'ExportNamedDeclaration', 'ExportAllDeclaration', 'ImportExpression'].map(
    (node) => ({
      selector: `${node}[source.value=/^\\.\\..*\\b(${layers.map(({ name }) => name).join('|')})\\u002fsrc\\u002f/]`,
      message: 'Import another package by its name.',
    }),
  ),
];

export default tseslint.config(
  { ignores: ['**/node_modules', '**/dist', '**/.tsc', 'coverage', 'docs/api'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    rules: {
      eqeqeq: 'error',
      'max-lines': ['error', { max: 400, skipBlankLines: false, skipComments: false }],
      'no-restricted-syntax': ['error', ...style],
      'prefer-const': 'error',
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  {
    files: pure,
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: asParameter },
        { object: 'Date', property: 'now', message: asParameter },
      ],
      'no-restricted-globals': ['error', { name: 'Date', message: asParameter }],
    },
  },
  {
    files: [
      '**/test/**/*.ts',
      '**/test-linux/**/*.ts',
      'benchmarks/**/*.ts',
      'examples/**/*.ts',
      'tools/**/*.ts',
    ],
    rules: {
      // Tests pass wrong types on purpose and use stubs without a body.
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    // AssemblyScript: names a module without its extension, has no types of imports, and casts between numbers.
    files: ['packages/*/assembly/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...style.filter(({ message }) => !message.startsWith('Relative imports')),
      ],
      '@typescript-eslint/consistent-type-imports': 'off',
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
    },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: {
      globals: {
        console: 'readonly',
        process: 'readonly',
        performance: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        Buffer: 'readonly',
      },
    },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: {
      sourceType: 'commonjs',
      globals: { module: 'writable', require: 'readonly', __dirname: 'readonly' },
    },
  },
  {
    // Tools that load their configuration from a default export.
    files: ['*.config.{js,mjs,ts}'],
    rules: {
      'no-restricted-syntax': ['error', ...style.filter(({ message }) => message !== 'Use named exports.')],
    },
  },
);
