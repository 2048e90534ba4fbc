/** The field by which the children of a resource name their parent: `posts` → `postId`, as json-server has it. */
export function keyOf(resource: string): string {
  return `${singular(resource)}Id`;
}

/** `posts` → `post`, `categories` → `category`, `boxes` → `box`. */
export function singular(resource: string): string {
  if (/ies$/i.test(resource)) return resource.replace(/ies$/i, "y");
  if (/(?:ses|xes|zes|ches|shes)$/i.test(resource)) return resource.replace(/es$/i, "");
  return resource.replace(/s$/i, "");
}
