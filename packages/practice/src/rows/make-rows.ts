import { integer, pick, type Random, randomFor } from "./random.ts";
import type { Row } from "./row.ts";
import { BUSINESS, CATCH, CITIES, FAMILY, GIVEN, paragraph, phrase, STREETS } from "./words.ts";

/** The titles of the first posts of user 1 are those that everybody knows; clients' examples print them. */
const KNOWN_TITLES: Readonly<Record<number, string>> = {
  1: "sunt aut facere repellat provident occaecati excepturi optio reprehenderit",
  2: "qui est esse",
  3: "ea molestias quasi exercitationem repellat qui ipsa sit aut",
};

const KNOWN_USERS: Readonly<Record<number, Row>> = {
  1: { name: "Leanne Graham", username: "Bret", email: "Sincere@april.biz" },
};

/** What a generated resource is: how its rows hang on their parent, and how one row is made. */
export interface Kind {
  /** The field that names the parent, such as `userId`. */
  readonly parentKey?: string;
  /** Rows per parent. Row `id` belongs to parent `ceil(id / perParent)`. */
  readonly perParent: number;
  /** Makes the row. `parent` is the parent's id. */
  make(random: Random, id: number, parent: number): Row;
}

/** The names of the six resources. */
export type ResourceName = "posts" | "comments" | "albums" | "photos" | "todos" | "users";

/** The six resources, in the order in which they are listed. */
export const KINDS: Readonly<Record<ResourceName, Kind>> = {
  posts: {
    parentKey: "userId",
    perParent: 10,
    make: (random, id, userId) => ({
      userId,
      id,
      title: KNOWN_TITLES[id] ?? phrase(random, 3, 10),
      body: paragraph(random),
    }),
  },
  comments: {
    parentKey: "postId",
    perParent: 5,
    make: (random, id, postId) => ({
      postId,
      id,
      name: phrase(random, 3, 8),
      email: `${pick(random, GIVEN)}.${pick(random, FAMILY)}${integer(random, 1, 99)}@mail.example`,
      body: paragraph(random),
    }),
  },
  albums: {
    parentKey: "userId",
    perParent: 10,
    make: (random, id, userId) => ({ userId, id, title: phrase(random, 2, 7) }),
  },
  photos: {
    parentKey: "albumId",
    perParent: 50,
    make: (random, id, albumId) => {
      const colour = integer(random, 0, 0xffffff).toString(16).padStart(6, "0");
      return {
        albumId,
        id,
        title: phrase(random, 3, 9),
        url: `https://images.example/600/${colour}`,
        thumbnailUrl: `https://images.example/150/${colour}`,
      };
    },
  },
  todos: {
    parentKey: "userId",
    perParent: 20,
    make: (random, id, userId) => ({ userId, id, title: phrase(random, 2, 8), completed: random() < 0.45 }),
  },
  users: { perParent: 1, make: makeUser },
};

function makeUser(random: Random, id: number): Row {
  const given = pick(random, GIVEN);
  const family = pick(random, FAMILY);
  const firm = pick(random, FAMILY);
  const degrees = (limit: number) => (random() * 2 * limit - limit).toFixed(4);
  const three = (lists: readonly (readonly string[])[]) => lists.map((list) => pick(random, list)).join(" ");
  return {
    id,
    name: `${given} ${family}`,
    username: `${given}.${family}${id}`,
    email: `${given}.${family}${id}@mail.example`,
    // After the made-up ones and before the rest: a spread keeps the place that a key already has.
    ...KNOWN_USERS[id],
    address: {
      street: `${pick(random, STREETS)} ${pick(random, FAMILY)}`,
      suite: `${random() < 0.5 ? "Apt." : "Suite"} ${integer(random, 100, 999)}`,
      city: pick(random, CITIES),
      zipcode: `${integer(random, 10000, 99999)}-${integer(random, 1000, 9999)}`,
      geo: { lat: degrees(90), lng: degrees(180) },
    },
    phone: `1-${integer(random, 200, 999)}-555-01${integer(random, 10, 99)} x${integer(random, 100, 9999)}`,
    website: `${family.toLowerCase()}.example`,
    company: { name: `${firm}-${pick(random, FAMILY)}`, catchPhrase: three(CATCH), bs: three(BUSINESS) },
  };
}

/**
 * How many rows each resource has when there are `posts` posts: ten posts, ten albums and twenty todos a user (never
 * fewer than the original's ten users), five comments a post, fifty photos an album.
 */
export function sizes(posts: number): Record<ResourceName, number> {
  const users = Math.max(10, Math.ceil(posts / 10));
  const albums = users * KINDS.albums.perParent;
  return {
    posts,
    comments: posts * KINDS.comments.perParent,
    albums,
    photos: albums * KINDS.photos.perParent,
    todos: users * KINDS.todos.perParent,
    users,
  };
}

/** Makes row `id` of a kind. `index` is the place of the kind among the resources. */
export function makeRow(kind: Kind, seed: number, index: number, id: number): Row {
  return kind.make(randomFor(seed, index, id), id, Math.ceil(id / kind.perParent));
}
