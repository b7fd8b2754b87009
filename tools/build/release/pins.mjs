// Fails if a workflow uses an action, or the Dockerfile an image, that is not pinned by its content: a tag can be moved to
// other content. Also fails if the release workflow downloads something by itself. `node tools/build/release/pins.mjs`
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const WORKFLOWS = new URL('../../../.github/workflows/', import.meta.url);
const DOCKERFILE = new URL('../../../Dockerfile', import.meta.url);
const DOWNLOAD =
  /\b(curl|wget|docker (run|pull)|gh release download|go install|pipx?3? install|npm (i|install|exec)|npx -)/;

/** @returns what is not pinned in a workflow, and how to look the pin up, a sentence each */
export function unpinnedActions(workflow) {
  return [...workflow.matchAll(/^\s*(?:- )?uses: *(\S+)(?: *# *(\S+))?/gm)].flatMap(([, action, tag]) => {
    if (/^\.\/|@[0-9a-f]{40}$/.test(action)) return [];
    const [name, version] = action.split('@');
    const repository = name.split('/').slice(0, 2).join('/');
    return [
      `${action} is not pinned by a commit. Look it up: git ls-remote https://github.com/${repository} 'refs/tags/${tag ?? version}*'`,
    ];
  });
}

/** @returns what is not pinned in a Dockerfile, and how to look the pin up, a sentence each */
export function unpinnedImages(dockerfile) {
  const stages = [...dockerfile.matchAll(/^FROM .* AS (\S+)$/gm)].map(([, stage]) => stage);
  const images = [...dockerfile.matchAll(/^(?:ARG BASE=|FROM (?:--\S+ )*)(\S+)/gm)].map(([, image]) => image);
  return images
    .filter((image) => image !== '${BASE}' && !stages.includes(image) && !/@sha256:[0-9a-f]{64}$/.test(image))
    .map((image) => {
      const tagged = image.replace(/@.*$/, '');
      return `${image} is not pinned by a digest. Look it up: skopeo inspect --raw docker://${tagged} | sha256sum`;
    });
}

/** @returns the lines of a workflow that download something without an action that checks it, a sentence each */
export function downloads(workflow) {
  const lines = workflow.split('\n').filter((line) => !/^\s*#/.test(line) && DOWNLOAD.test(line));
  return lines.map(
    (line) => `"${line.trim()}" downloads something that no pin names. Use a pinned action or a go.mod.`,
  );
}

function main() {
  const read = (name) => readFileSync(new URL(name, WORKFLOWS), 'utf8');
  const problems = [
    ...readdirSync(WORKFLOWS).flatMap((name) =>
      unpinnedActions(read(name)).map((text) => `${name}: ${text}`),
    ),
    ...unpinnedImages(readFileSync(DOCKERFILE, 'utf8')).map((text) => `Dockerfile: ${text}`),
    ...downloads(read('release.yml')).map((text) => `release.yml: ${text}`),
  ];
  problems.forEach((problem) => console.error(problem));
  if (problems.length > 0) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
