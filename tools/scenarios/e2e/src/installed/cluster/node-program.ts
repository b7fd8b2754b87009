import { IMAGES } from './images.ts';

/**
 * The parts of a Pod's spec that run a program for Node, without any rights. No image of ours has anything but Node, so the
 * refresher's does.
 *
 * @param program - the text of a CommonJS module
 */
export function nodeProgram(program: string, env: Readonly<Record<string, string>>) {
  return {
    automountServiceAccountToken: false,
    containers: [
      {
        name: 'main',
        image: `${IMAGES.repository}-refresher:${IMAGES.tag}`,
        imagePullPolicy: IMAGES.imagePullPolicy,
        command: ['/nodejs/bin/node', '-e', program],
        env: Object.entries(env).map(([name, value]) => ({ name, value })),
      },
    ],
  };
}
