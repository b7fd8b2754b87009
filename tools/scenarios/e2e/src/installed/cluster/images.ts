/** The images to install, as tools/build/images/build.sh makes them. `IMAGE_REPOSITORY` is their name without the suffix, such as `-webhook`. */
export const IMAGES = {
  repository: process.env['IMAGE_REPOSITORY'] || 'localhost/ecr-anywhere',
  tag: process.env['IMAGE_TAG'] || 'dev',
  /** The images are on the node already. */
  imagePullPolicy: 'Never',
} as const;
