/** Whether every database stores a text: Postgres takes neither NUL nor half a character. */
export const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed()
