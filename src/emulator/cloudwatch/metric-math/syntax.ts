import { MathError } from './math-error.js';
import { type MathToken, tokenizeMath } from './tokens.js';

export type BinaryOperator =
  '+' | '-' | '*' | '/' | '^' | '==' | '!=' | '<' | '>' | '<=' | '>=' | 'AND' | 'OR';

export type Expression =
  | { kind: 'number'; value: number }
  | { kind: 'string'; text: string }
  /** The id of another query of the request. */
  | { kind: 'id'; id: string }
  /** A word without brackets, such as REPEAT. */
  | { kind: 'word'; word: string }
  | { kind: 'list'; items: Expression[] }
  | { kind: 'call'; name: string; arguments: Expression[] }
  | { kind: 'negation'; operand: Expression }
  | { kind: 'binary'; operator: BinaryOperator; left: Expression; right: Expression };

/** From the lowest precedence to the highest. All are left-associative. */
const levels: Record<string, BinaryOperator>[] = [
  { OR: 'OR', '||': 'OR' },
  { AND: 'AND', '&&': 'AND' },
  { '==': '==', '!=': '!=', '<': '<', '>': '>', '<=': '<=', '>=': '>=' },
  { '+': '+', '-': '-' },
  { '*': '*', '/': '/' },
  { '^': '^' },
];

/** Source of the grammar: "Using metric math" in the CloudWatch user guide. */
export function parseExpression(text: string): Expression {
  return new Parser(tokenizeMath(text)).parse();
}

/** Ids of the queries in the expression. */
export function idsOf(expression: Expression): string[] {
  switch (expression.kind) {
    case 'id':
      return [expression.id];
    case 'list':
      return expression.items.flatMap(idsOf);
    case 'call':
      return expression.arguments.flatMap(idsOf);
    case 'negation':
      return idsOf(expression.operand);
    case 'binary':
      return [...idsOf(expression.left), ...idsOf(expression.right)];
    case 'number':
    case 'string':
    case 'word':
      return [];
  }
}

class Parser {
  private position = 0;

  constructor(private readonly tokens: MathToken[]) {}

  parse(): Expression {
    const expression = this.parseLevel(0);
    if (this.next.kind !== 'end') throw unexpected(this.next);
    return expression;
  }

  private get next(): MathToken {
    return this.tokens[this.position] ?? { kind: 'end' };
  }

  private parseLevel(level: number): Expression {
    const operators = levels[level];
    if (!operators) return this.parseUnary();
    let left = this.parseLevel(level + 1);
    for (let operator = this.takeOperator(operators); operator; operator = this.takeOperator(operators)) {
      left = { kind: 'binary', operator, left, right: this.parseLevel(level + 1) };
    }
    return left;
  }

  private parseUnary(): Expression {
    return this.take('-') ? { kind: 'negation', operand: this.parseUnary() } : this.parsePrimary();
  }

  private parsePrimary(): Expression {
    const token = this.next;
    this.position += 1;
    switch (token.kind) {
      case 'number':
        return { kind: 'number', value: token.value };
      case 'string':
        return { kind: 'string', text: token.text };
      case 'id':
        return { kind: 'id', id: token.text };
      case 'word':
        if (!this.take('(')) return { kind: 'word', word: token.text };
        return { kind: 'call', name: token.text, arguments: this.parseItems(')') };
      case 'symbol':
        return this.parseGroup(token);
      case 'end':
        throw unexpected(token);
    }
  }

  private parseGroup(token: MathToken & { kind: 'symbol' | 'string' | 'id' | 'word' }): Expression {
    if (token.text === '[') return { kind: 'list', items: this.parseItems(']') };
    if (token.text !== '(') throw unexpected(token);
    const inner = this.parseLevel(0);
    if (!this.take(')')) throw unexpected(this.next);
    return inner;
  }

  private parseItems(end: string): Expression[] {
    const items: Expression[] = [];
    if (this.take(end)) return items;
    do items.push(this.parseLevel(0));
    while (this.take(','));
    if (!this.take(end)) throw unexpected(this.next);
    return items;
  }

  private takeOperator(operators: Record<string, BinaryOperator>): BinaryOperator | null {
    const token = this.next;
    if (token.kind !== 'symbol' && token.kind !== 'word') return null;
    const operator = operators[token.text];
    if (operator) this.position += 1;
    return operator ?? null;
  }

  private take(symbol: string): boolean {
    const token = this.next;
    const found = token.kind === 'symbol' && token.text === symbol;
    if (found) this.position += 1;
    return found;
  }
}

function unexpected(token: MathToken): MathError {
  if (token.kind === 'end') return new MathError('Unexpected end of the expression');
  return new MathError(`Unexpected '${token.kind === 'number' ? token.value : token.text}'`);
}
