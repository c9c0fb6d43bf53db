/** Pages of a list of AWS. */

interface Token {
  NextToken?: string;
}

/** One page after the other, for a reader that can stop early. `readPage` gets no token for the first page. */
export async function* pagesOf<Page extends { NextToken?: string | undefined }>(
  readPage: (token: Token) => Promise<Page>,
): AsyncGenerator<Page> {
  let token: Token = {};
  for (;;) {
    const page = await readPage(token);
    yield page;
    if (page.NextToken === undefined) return;
    token = { NextToken: page.NextToken };
  }
}

export async function allPages<Page extends { NextToken?: string | undefined }>(
  readPage: (token: Token) => Promise<Page>,
): Promise<Page[]> {
  const pages: Page[] = [];
  for await (const page of pagesOf(readPage)) pages.push(page);
  return pages;
}
