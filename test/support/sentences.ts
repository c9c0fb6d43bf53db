/** Reads texts from source files: all messages that a program may print, without running it. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Text {
  file: string;
  /** The constant parts of a template. */
  parts: string[];
}

/** All strings and templates in the files. `files`: paths relative to the root. */
export function textsIn(files: string[]): Text[] {
  return files.flatMap((file) => {
    const texts: Text[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isTypeNode(node)) return;
      if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node))
        texts.push({ file, parts: [node.text] });
      if (ts.isTemplateExpression(node)) {
        const parts = [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)];
        texts.push({ file, parts });
      }
      ts.forEachChild(node, visit);
    };
    visit(parse(file));
    return texts;
  });
}

/** The members of an exported union of string literals. */
export function membersOf(file: string, union: string): string[] {
  const members: string[] = [];
  ts.forEachChild(parse(file), (node) => {
    if (!ts.isTypeAliasDeclaration(node) || node.name.text !== union || !ts.isUnionTypeNode(node.type))
      return;
    for (const type of node.type.types)
      if (ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal)) members.push(type.literal.text);
  });
  return members;
}

export function readSource(file: string): string {
  return readFileSync(`${root}${file}`, 'utf8');
}

function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readSource(file), ts.ScriptTarget.Latest, true);
}
