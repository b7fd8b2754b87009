/** The images to install, as tools/build/images/build.sh makes them: `IMAGE_REPOSITORY` is what `-webhook` and so on follow. */
export const IMAGES = {
  repository: process.env['IMAGE_REPOSITORY'] || 'localhost/ecr-anywhere',
  tag: process.env['IMAGE_TAG'] || 'dev',
  /** The images are on the node already. */
  imagePullPolicy: 'Never',
} as const;
