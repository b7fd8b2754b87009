import { dirname, join } from 'node:path';
import { command } from './command.ts';

/** The images to install, as tools/build/images/build.sh makes them. `IMAGE_REPOSITORY` is their name without the suffix, such as `-webhook`. */
export const IMAGES = {
  repository: process.env['IMAGE_REPOSITORY'] || 'localhost/ecr-anywhere',
  tag: process.env['IMAGE_TAG'] || 'dev',
  /** The images are on the node already. */
  imagePullPolicy: 'Never',
} as const;

/** The programs that the chart installs. Each has an image. */
export const PROGRAMS = ['webhook', 'refresher'] as const;
export type Program = (typeof PROGRAMS)[number];

/** Gives an image on the testbed's node another name. The testbed reaches only one registry: the stand-in for ECR. */
export async function nameOnTestbed(program: Program, name: string): Promise<void> {
  const socket = join(dirname(process.env['KUBECONFIG'] ?? ''), 'containerd/containerd.sock');
  const loaded = `${IMAGES.repository}-${program}:${IMAGES.tag}`;
  const tag = ['images', 'tag', '--force', loaded, name];
  await command('ctr', ['--address', socket, '--namespace', 'k8s.io', ...tag]);
}
