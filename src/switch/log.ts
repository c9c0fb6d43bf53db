/** One line, without secrets and without what users sent. */
export type Log = (level: 'info' | 'warn', line: string) => void;
