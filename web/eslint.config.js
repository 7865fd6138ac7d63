// The rules of the house for the window: import direction, no `any`, no `as` outside `lib/decode.ts`, accessible controls.
import a11y from 'eslint-plugin-jsx-a11y'
import hooks from 'eslint-plugin-react-hooks'
import tseslint from 'typescript-eslint'

/** What each room may import: only what stands to its right in app ← features ← stream ← api ← kit, lib. */
const ROOMS = {
  lib: ['@kit', '@api', '@stream', '@features', '@app'],
  kit: ['@api', '@stream', '@features', '@app'],
  api: ['@stream', '@features', '@app'],
  stream: ['@features', '@app'],
  features: ['@features', '@app'],
}

const direction = Object.entries(ROOMS).map(([room, forbidden]) => ({
  files: [`src/${room}/**/*.{ts,tsx}`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            group: forbidden.flatMap((name) => [name, `${name}/*`]),
            message: 'imports point only downwards: app ← features ← stream ← api ← kit, lib; a feature imports no feature',
          },
          { regex: '^(\\.\\./){2,}', message: 'name another room by its alias' },
        ],
      },
    ],
  },
}))

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'tools', 'src/api/generated', 'build', '*.config.*'] },
  ...tseslint.configs.recommendedTypeChecked,
  a11y.flatConfigs.recommended,
  { languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } } },
  {
    plugins: { 'react-hooks': hooks },
    rules: {
      ...hooks.configs.recommended.rules,
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 100, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
    },
  },
  ...direction,
  // Scripts of the page itself and of Node are plain JavaScript: no types to check.
  { files: ['public/**/*.js', 'tests/**/*.mjs'], ...tseslint.configs.disableTypeChecked },
  { files: ['src/lib/decode.ts'], rules: { '@typescript-eslint/consistent-type-assertions': 'off' } },
  {
    files: ['tests/**/*.{ts,tsx,mjs}'],
    rules: { 'max-lines-per-function': 'off', 'no-console': 'off', '@typescript-eslint/no-floating-promises': 'off' },
  },
)
