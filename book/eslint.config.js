// The page's scripts. Names that are not defined anywhere are the type checker's business.
import js from '@eslint/js';

export default [
    js.configs.recommended,
    { files: ['theme/*.js'], languageOptions: { sourceType: 'script' } },
    {
        rules: {
            'no-undef': 'off',
            // Text of strangers is cleaned of exactly these.
            'no-control-regex': 'off',
            'eqeqeq': 'error',
            'no-restricted-properties': ['error',
                { property: 'innerHTML', message: 'Text of strangers goes through textContent: use h().' },
                { property: 'outerHTML', message: 'Text of strangers goes through textContent: use h().' },
                { property: 'insertAdjacentHTML', message: 'Text of strangers goes through textContent: use h().' }],
            'no-var': 'error',
            'no-implied-eval': 'error',
            'object-shorthand': 'error',
            'prefer-const': 'error',
            'prefer-template': 'error',
        },
    },
];
