/** Java's meaning of escapes that JavaScript also has. Each works inside a character class too. */
const classes: Record<string, string> = {
  '\\s': ' \\t\\n\\v\\f\\r',
  // JavaScript has more white-space characters than Java.
  '\\S': '\\S\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff',
  '\\p{Alnum}': 'a-zA-Z0-9',
  '\\p{Print}': '\\x20-\\x7e',
};
const anchors: Record<string, string> = { '\\A': '^', '\\z': '$' };

const token = /\\p\{\w+\}|\\.|[[\].]|\$\{\d+,\d*\}|[^]/gu;
const compiled = new Map<string, RegExp>();

/** Converts a Java regular expression for the whole text. Throws if that is not possible. */
export function compilePattern(java: string): RegExp {
  const known = compiled.get(java);
  if (known) return known;
  const regex = new RegExp(`^(?:${toJavaScript(java)})$`, 'u');
  compiled.set(java, regex);
  return regex;
}

function toJavaScript(java: string): string {
  let inClass = false;
  return java.replace(token, (part) => {
    if (part === '[') {
      if (inClass) throw new Error(`a class within a class is not supported: ${java}`);
      inClass = true;
    } else if (part === ']') {
      inClass = false;
    }
    return convert(part, inClass);
  });
}

function convert(part: string, inClass: boolean): string {
  const set = classes[part];
  if (set !== undefined) return inClass ? set : `[${set}]`;
  if (part === '.' && !inClass) return '[^\\n\\r\\u0085\\u2028\\u2029]';
  // Repeated end anchors are one.
  if (part.startsWith('${')) return '$';
  const escaped = /^\\([^a-zA-Z0-9])$/u.exec(part)?.[1];
  // JavaScript rejects escapes of characters without a special meaning.
  if (escaped !== undefined && !'^$\\.*+?()[]{}|/-'.includes(escaped)) return escaped;
  return anchors[part] ?? (part === '\\-' && !inClass ? '-' : part);
}
