import { ServiceError } from '../../http/service-error.js';
import type { AlarmRule, AlarmState } from './alarm-state.js';

const token =
  /\s*(?:(AND|OR|NOT|TRUE|FALSE)\b|(ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*("[^"]*"|[^()\s]+)\s*\)|([()]))/iy;

interface RuleToken {
  kind: string;
  alarm?: string;
}

/** Parses the rule of a composite alarm: AND, OR, NOT, brackets, and the three functions of an alarm name or ARN. */
export function parseAlarmRule(text: string): AlarmRule {
  const tokens = tokenize(text);
  const rule = parseAny(tokens);
  if (tokens.length > 0) throw malformed(text);
  return rule;

  function parseAny(rest: RuleToken[]): AlarmRule {
    return parseChain(rest, 'OR', 'any', (inner) => parseChain(inner, 'AND', 'all', parseOne));
  }

  function parseOne(rest: RuleToken[]): AlarmRule {
    const next = rest.shift();
    if (!next) throw malformed(text);
    if (next.kind === 'NOT') return { kind: 'not', rule: parseOne(rest) };
    if (next.kind === 'TRUE' || next.kind === 'FALSE')
      return { kind: 'constant', value: next.kind === 'TRUE' };
    if (next.alarm !== undefined) return { kind: 'state', state: next.kind as AlarmState, alarm: next.alarm };
    if (next.kind !== '(') throw malformed(text);
    const inner = parseAny(rest);
    if (rest.shift()?.kind !== ')') throw malformed(text);
    return inner;
  }
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

function parseChain(
  rest: RuleToken[],
  word: string,
  kind: 'all' | 'any',
  parseMember: (rest: RuleToken[]) => AlarmRule,
): AlarmRule {
  const first = parseMember(rest);
  const rules = [first];
  while (rest[0]?.kind === word) {
    rest.shift();
    rules.push(parseMember(rest));
  }
  return rules.length === 1 ? first : { kind, rules };
}

function tokenize(text: string): RuleToken[] {
  const tokens: RuleToken[] = [];
  token.lastIndex = 0;
  const trimmed = text.trimEnd();
  while (token.lastIndex < trimmed.length) {
    const match = token.exec(trimmed);
    if (!match) throw malformed(text);
    const [, word, state, alarm, bracket] = match;
    if (state && alarm) tokens.push({ kind: state.toUpperCase(), alarm: nameOfAlarm(alarm) });
    else tokens.push({ kind: (word ?? bracket ?? '').toUpperCase() });
  }
  return tokens;
}

/** Rules and suppressors refer to an alarm by its name, with or without quotes, or by its ARN. */
export function nameOfAlarm(quoted: string): string {
  return quoted.replace(/^"|"$/g, '').replace(/^arn:[^:]*:cloudwatch:[^:]*:[^:]*:alarm:/, '');
}

function malformed(rule: string): ServiceError {
  return new ServiceError('ValidationError', `AlarmRule must not contain malformed expressions: ${rule}`);
}
