import { apiKey, Client, type RequestOptions } from "chasqui";
import { z } from "zod";

const User = z.object({ id: z.number(), name: z.string(), email: z.string() });
const Post = z.object({ id: z.number(), userId: z.number(), title: z.string() });

/** All that the program knows of the blog's API: where it is, how it is entered, what it answers. */
class Blog implements AsyncDisposable {
  readonly #client: Client;

  constructor(baseUrl: string, key: string) {
    this.#client = new Client({
      baseUrl, // with or without a slash at the end
      auth: apiKey(key), // X-API-Key
      headers: { accept: "application/json" },
      timeout: "10s",
      retry: { attempts: 3 },
    });
  }

  user(id: number) {
    return this.#get("/users/{id}", User, { path: { id } });
  }

  posts(userId: number, limit: number) {
    return this.#get("/posts", z.array(Post), { params: { userId, _limit: limit } });
  }

  /** The data, checked by the schema and typed by it; undefined, after a line that says why, when there is none. */
  async #get<T>(url: string, schema: z.ZodType<T>, options: RequestOptions): Promise<T | undefined> {
    const { data, error } = await this.#client.get(url, options).result(schema);
    if (error !== undefined) console.error(`[GET] ${error.request?.url ?? url} failed: ${error.message}`);
    return data;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close();
  }
}

await using blog = new Blog(
  process.env.BASE_URL ?? "http://127.0.0.1:4010",
  process.env.PRACTICE_KEY ?? "demo-key",
);
const user = await blog.user(1);
const posts = user && (await blog.posts(user.id, 3));
console.log(`Posts returned: ${posts?.length ?? 0}`);
