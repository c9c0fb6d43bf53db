/** All pages of a list of AWS. */

/** `readPage` gets no token for the first page. */
export async function allPages<Page extends { NextToken?: string | undefined }>(
  readPage: (token: { NextToken?: string }) => Promise<Page>,
): Promise<Page[]> {
  const pages: Page[] = [];
  let token: { NextToken?: string } = {};
  for (;;) {
    const page = await readPage(token);
    pages.push(page);
    if (page.NextToken === undefined) return pages;
    token = { NextToken: page.NextToken };
  }
}
