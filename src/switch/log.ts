/** Logs one line without secrets and without data of users. */
export type SwitchLog = (level: 'info' | 'warn', line: string) => void;
