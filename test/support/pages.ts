/** A block of code of a page. */
export interface Block {
  readonly language: string
  readonly code: string
  /** Of a block that begins with `// some-file.ts`; null: a fragment, or no TypeScript. */
  readonly file: string | null
}

/** The blocks of code of a page in Markdown, in order. What is indented belongs to a list, and is a fragment. */
export const blocksOf = (markdown: string): Block[] =>
  [...markdown.matchAll(/^```(\w*)\n([^]*?)^```$/gm)].map(([, language = '', code = '']) => ({
    language,
    code,
    file: language === 'ts' ? (/^\/\/ (\S+\.ts)\n/.exec(code)?.[1] ?? null) : null,
  }))

/** A page without its code: links in blocks and in backticks are none. */
const proseOf = (markdown: string): string =>
  markdown.replaceAll(/^ *```[^]*?^ *```$/gm, '').replaceAll(/`[^`\n]*`/g, (code) => code.replaceAll(/[[\]]/g, ' '))

/** The links of a page in Markdown. */
export const linksOf = (markdown: string): string[] =>
  [...proseOf(markdown).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link as string)
