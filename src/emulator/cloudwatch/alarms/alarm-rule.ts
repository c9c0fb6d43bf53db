import { validationFailure } from '../shapes.js';
import type { AlarmRule, AlarmState } from './alarm-state.js';
import { RuleTokens } from './rule-tokens.js';

const states = ['ALARM', 'OK', 'INSUFFICIENT_DATA'];

/** Parses the rule of a composite alarm: AND, OR, NOT, brackets, and the three functions of an alarm name or ARN. */
export function parseAlarmRule(text: string): AlarmRule {
  if (text.trim() !== text) {
    // LocalStack's recordings of PutCompositeAlarm.
    throw validationFailure('AlarmRule must not contain leading or trailing whitespace or be null');
  }
  const tokens = new RuleTokens(text);
  const rule = parseAny(tokens);
  if (tokens.next !== null) throw tokens.unsupported();
  return rule;
}

function parseAny(tokens: RuleTokens): AlarmRule {
  return parseChain(tokens, 'OR', 'any', (inner) => parseChain(inner, 'AND', 'all', parseOne));
}

function parseOne(tokens: RuleTokens): AlarmRule {
  const word = tokens.next?.toUpperCase() ?? '';
  if (word === 'AT_LEAST') throw validationFailure('AT_LEAST in an AlarmRule is not emulated.');
  if (!['(', 'NOT', 'TRUE', 'FALSE', ...states].includes(word)) throw tokens.unsupported();
  tokens.take();
  if (word === 'NOT') return { kind: 'not', rule: parseOne(tokens) };
  if (word === 'TRUE' || word === 'FALSE') return { kind: 'constant', value: word === 'TRUE' };
  if (word === '(') {
    const inner = parseAny(tokens);
    tokens.takeOnly(')');
    return inner;
  }
  tokens.takeOnly('(');
  if (tokens.next === null || tokens.next === '(' || tokens.next === ')') throw tokens.unsupported();
  const alarm = nameOfAlarm(tokens.take());
  tokens.takeOnly(')');
  return { kind: 'state', state: word as AlarmState, alarm };
}

function parseChain(
  tokens: RuleTokens,
  word: string,
  kind: 'all' | 'any',
  parseMember: (tokens: RuleTokens) => AlarmRule,
): AlarmRule {
  const first = parseMember(tokens);
  const rules = [first];
  while (tokens.next?.toUpperCase() === word) {
    tokens.take();
    rules.push(parseMember(tokens));
  }
  return rules.length === 1 ? first : { kind, rules };
}

/** Names of the alarms in the rule. */
export function alarmsOf(rule: AlarmRule): string[] {
  switch (rule.kind) {
    case 'state':
      return [rule.alarm];
    case 'constant':
      return [];
    case 'not':
      return alarmsOf(rule.rule);
    case 'all':
    case 'any':
      return rule.rules.flatMap(alarmsOf);
  }
}

export function isTrue(rule: AlarmRule, stateOf: (alarm: string) => AlarmState | undefined): boolean {
  switch (rule.kind) {
    case 'state':
      return stateOf(rule.alarm) === rule.state;
    case 'constant':
      return rule.value;
    case 'not':
      return !isTrue(rule.rule, stateOf);
    case 'all':
      return rule.rules.every((each) => isTrue(each, stateOf));
    case 'any':
      return rule.rules.some((each) => isTrue(each, stateOf));
  }
}

/** Rules and suppressors refer to an alarm by its name, with or without quotes, or by its ARN. */
export function nameOfAlarm(quoted: string): string {
  return quoted.replace(/^"|"$/g, '').replace(/^arn:[^:]*:cloudwatch:[^:]*:[^:]*:alarm:/, '');
}
