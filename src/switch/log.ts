/** One line, without secrets and without what users sent. */
export type SwitchLog = (level: 'info' | 'warn', line: string) => void;
