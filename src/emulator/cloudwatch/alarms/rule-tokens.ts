import type { ServiceError } from '../../http/service-error.js';
import { validationFailure } from '../shapes.js';

const pattern = /"[^"]*"|[()]|[^()\s"]+|"/g;

/** The tokens of an alarm rule: brackets, words and quoted names. */
export class RuleTokens {
  private readonly tokens: { text: string; at: number }[];
  private position = 0;

  constructor(private readonly rule: string) {
    this.tokens = [...rule.matchAll(pattern)].map(({ 0: text, index }) => ({ text, at: index }));
  }

  /** Null at the end. */
  get next(): string | null {
    return this.tokens[this.position]?.text ?? null;
  }

  take(): string {
    const text = this.next ?? '';
    this.position += 1;
    return text;
  }

  takeOnly(wanted: '(' | ')'): void {
    if (this.next !== wanted) throw this.unsupported(`, must be: '${wanted}'`);
    this.position += 1;
  }

  /** The words of CloudWatch: https://github.com/aws/aws-cdk/issues/34662 and 13953. */
  unsupported(expected = ''): ServiceError {
    const { text, at } = this.tokens[this.position] ?? { text: '', at: this.rule.length };
    return validationFailure(`Error in AlarmRule [Unsupported token '${text}' at char ${at}${expected}]`);
  }
}
