const REPOSITORY = process.env['IMAGE_REPOSITORY'] || 'localhost/ecr-anywhere';

/** The images of tools/build/images/build.sh, which are on the node already. */
export const IMAGES = {
  repository: REPOSITORY,
  tag: process.env['IMAGE_TAG'] || 'dev',
  imagePullPolicy: 'Never',
} as const;

export function image(program: 'webhook' | 'refresher' | 'aws-emulator'): string {
  return `${IMAGES.repository}-${program}:${IMAGES.tag}`;
}
