// Prints the part of CHANGELOG.md for a tag, as the text of its release. Fails if the tag, package.json, the Python package
// and the changelog do not name the same version. Usage: node .ci/release-notes.mjs v1.2.3
import { readFileSync } from 'node:fs';

const [tag = ''] = process.argv.slice(2);
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const [, python] = /^version = "(.*)"$/m.exec(readFileSync('src/python/pyproject.toml', 'utf8')) ?? [];
const [, ...parts] = readFileSync('CHANGELOG.md', 'utf8').split(/^## /m);
const [unreleased, newest] = [
  parts.find((part) => part.startsWith('[Unreleased]')),
  parts.find((part) => !part.startsWith('[Unreleased]')),
].map((part = '') => ({
  heading: part.split('\n', 1)[0],
  text: part.split('\n').slice(1).join('\n').trim(),
}));

function findFault() {
  if (!/^v\d+\.\d+\.\d+$/.test(tag)) return `The tag "${tag}" is not of the form v1.2.3.`;
  if (tag !== `v${version}`) return `The tag is ${tag}, and package.json has version ${version}.`;
  if (python !== version) return `The tag is ${tag}, and src/python/pyproject.toml has version ${python}.`;
  if (!/^\[[\d.]+\] - \d{4}-\d\d-\d\d$/.test(newest.heading) || !newest.heading.startsWith(`[${version}]`))
    return `The newest version of CHANGELOG.md is "${newest.heading}", not "[${version}] - <date>".`;
  if (unreleased.text !== '')
    return `CHANGELOG.md has entries under [Unreleased]: move them to [${version}].`;
  return undefined;
}

const fault = findFault();
if (fault) {
  console.error(fault);
  process.exit(1);
}
console.log(newest.text);
