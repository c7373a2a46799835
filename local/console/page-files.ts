type PageFile = { file: URL; type: string };

const pageFile = (name: string, type: string): PageFile => ({
  file: new URL(`page/${name}`, import.meta.url),
  type: `${type}; charset=utf-8`,
});

/** The page's files by the path that they are served under. */
export const pageFiles: Record<string, PageFile> = {
  '/': pageFile('index.html', 'text/html'),
  '/_kadam/console.css': pageFile('console.css', 'text/css'),
  '/_kadam/icon.svg': pageFile('icon.svg', 'image/svg+xml'),
  '/_kadam/console.js': pageFile('console.js', 'text/javascript'),
  '/_kadam/details.js': pageFile('details.js', 'text/javascript'),
  '/_kadam/dom.js': pageFile('dom.js', 'text/javascript'),
  '/_kadam/format.js': pageFile('format.js', 'text/javascript'),
  '/_kadam/table.js': pageFile('table.js', 'text/javascript'),
  '/_kadam/uploads.js': pageFile('uploads.js', 'text/javascript'),
};
