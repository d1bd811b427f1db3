/** Plain and readable, light and dark, on paper and on a phone. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1c2430; --quiet: #5b6675; --line: #d9dee5; --paper: #fff; --tint: #f4f6f8; --accent: #0b6e6e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e9ef; --quiet: #97a3b2; --line: #323b47; --paper: #12171d; --tint: #1a2129; --accent: #5cc8c0; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
header, main { max-width: 62rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2.5rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .75rem; }
h3 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
a { color: var(--accent); overflow-wrap: anywhere; }
.quiet { color: var(--quiet); font-size: .875rem; margin: .15rem 0; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .75rem; margin: 1.5rem 0 .75rem; }
.figures div { background: var(--tint); border-radius: .5rem; padding: .75rem 1rem; display: flex; flex-direction: column-reverse; }
.figures dt { color: var(--quiet); font-size: .8125rem; }
.figures dd { margin: 0; font-size: 1.5rem; font-weight: 600; font-variant-numeric: tabular-nums; }
blockquote { margin: 0 0 .5rem; padding: .25rem 1rem; border-left: .25rem solid var(--accent); font-size: 1.125rem; }
.keywords { list-style: none; margin: 0; padding: 0; columns: 17rem; column-gap: 2.5rem; }
.keywords li { display: grid; grid-template-columns: 9rem 1fr 3rem; gap: .5rem; align-items: center; break-inside: avoid; }
.keywords span { overflow: hidden; text-overflow: ellipsis; }
.keywords b { text-align: right; font-weight: 400; color: var(--quiet); font-variant-numeric: tabular-nums; }
meter { width: 100%; height: .75rem; }
details { border-top: 1px solid var(--line); padding: .5rem 0; }
summary { cursor: pointer; font-weight: 600; overflow-wrap: anywhere; }
summary small { font-weight: 400; color: var(--quiet); margin-left: .5rem; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; margin-top: .5rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { color: var(--quiet); font-weight: 500; }
td:nth-last-child(1) { white-space: nowrap; }
article { padding: .75rem 0 .75rem 1rem; }
article p { margin: .35rem 0; max-width: 46rem; overflow-wrap: anywhere; }
.tags { list-style: none; display: flex; flex-wrap: wrap; gap: .375rem; margin: .35rem 0 0; padding: 0; }
.tags li { background: var(--tint); border-radius: .75rem; padding: 0 .6rem; font-size: .8125rem; color: var(--quiet); }
`;
