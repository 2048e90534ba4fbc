import { bearer, Client, type Middleware, type Paginator } from "chasqui";

interface Member {
  readonly id: string;
  readonly name: string;
  readonly is_bot: boolean;
}
interface Posted {
  readonly ts: string;
  readonly message: { readonly text: string };
}

/** Slack answers 200 to everything, and says in the body whether it went well. */
class SlackError extends Error {}

class Slack extends Client {
  constructor(baseUrl: string, token: string) {
    const checked: Middleware = async (request, next) => {
      const response = await next(request);
      const { ok, error } = await response.json<{ ok: boolean; error?: string }>();
      if (!ok) throw new SlackError(error);
      return response;
    };
    super({ baseUrl, auth: bearer(token), use: [checked] });
  }

  /** Pages by `response_metadata.next_cursor`, which is found by itself. */
  members(): Paginator<Member> {
    return this.paginate("/users.list", { params: { limit: 20 } });
  }

  say(channel: string, text: string): Promise<Posted> {
    return this.post("/chat.postMessage", { json: { channel, text } }).json();
  }
}

await using slack = new Slack(
  process.env.SLACK_URL ?? "http://127.0.0.1:4010/apis/slack/api",
  process.env.SLACK_TOKEN ?? "practice-token",
);
const members = await slack.members().all();
console.log(`${members.length} members, ${members.filter((member) => member.is_bot).length} of them bots`);
console.log(`Posted: ${(await slack.say("general", "The report is ready")).message.text}`);
await slack.say("nowhere", "Hello?").catch((error: unknown) => {
  if (!(error instanceof SlackError)) throw error;
  console.log(`Not posted: ${error.message}`);
});
