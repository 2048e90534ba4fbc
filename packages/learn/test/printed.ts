/** What each example prints, where the API is at `BASE`. The lines are those of the lesson that this one retells. */
export const PRINTED: Readonly<Record<string, string>> = {
  "01-methods.ts": `GET    /posts/1 200  retrieves; safe and idempotent
POST   /posts   201  creates; sent twice it creates two
PUT    /posts/1 200  replaces the whole; idempotent
PATCH  /posts/1 200  changes a part
DELETE /posts/1 200  removes; idempotent
`,
  "02-get.ts": `Status: 200
Content-Type: application/json; charset=utf-8
Title: sunt aut facere repellat provident occaecati excepturi optio reprehenderit
User ID: 1

Fetched 3 posts:
 [1] sunt aut facere repellat provident occae...
 [2] qui est esse...
 [3] ea molestias quasi exercitationem repell...
`,
  "02-text-and-bytes.ts": `Query: ?postId=1&q=salt+%26+pepper
Text begins: "{\\n  \\"userId\\": 1,\\n"
Saved: all of it
`,
  "03-write.ts": `POST status: 201
Created: { title: 'My New Post', body: 'Hello world', userId: 1, id: 101 }
PUT status: 200
PATCH title: Patched Title
DELETE status: 200
`,
  "03-forms-and-files.ts": `application/x-www-form-urlencoded { user: 'ana', remember: 'yes' }
multipart/form-data { album: 'Cusco' }
photo.png: 2048 bytes
DELETE status: 204, body: ""
`,
  "04-safe-get.ts": "",
  "04-errors.ts": `User: Leanne Graham — Sincere@april.biz
Resource not found: BASE/posts/99999
`,
  "04-failures.ts": `Unauthorised — check your API key
Rate limit hit — slow down requests
HTTP error 503: 503 Server Error: Service Unavailable for GET BASE/faults/status/503
Request timed out after 0.3s: BASE/faults/slow-headers?ms=3000
Unexpected request error: The body of the 200 response is not JSON (application/json; charset=utf-8, 37 bytes) for GET BASE/faults/bad-json
Could not connect to: http://127.0.0.1:1/posts
`,
  "04-retries.ts": `attempt 1 failed: status 503
attempt 2 failed: status 503
Status: 200
log: 404
Status: 404
attempt 1 failed: status 500
attempt 2 failed: status 500
attempt 3 failed: status 500
alert: the server failed 4 times
Status: 500
`,
  "05-authentication.ts": `Key in the query: { authenticated: true, scheme: 'key', in: 'query' }
Key in a header: { authenticated: true, scheme: 'key', in: 'header' }
Basic: { authenticated: true, scheme: 'basic', user: 'user' }
Bearer: { authenticated: true, scheme: 'bearer' }
fetching a token: first
Request 1: 200
Request 2: 200
fetching a token: unauthorized
Request 3: 200
`,
  "05-environment.ts": `Using API key from environment: true
The key in a log: ***
Status: 200
`,
  "06-sessions.ts": `User: Leanne Graham
Posts: 10
Todos: 20
`,
  "06-cookies.ts": `Before the login: 401
After the login: 200
After the logout: 401
`,
  "07-pagination.ts": `Page 1: fetched 10 posts (total so far: 10)
Page 2: fetched 10 posts (total so far: 20)
Page 3: fetched 10 posts (total so far: 30)
Page 4: fetched 10 posts (total so far: 40)
Page 5: fetched 10 posts (total so far: 50)
Page 6: fetched 10 posts (total so far: 60)
Page 7: fetched 10 posts (total so far: 70)
Page 8: fetched 10 posts (total so far: 80)
Page 9: fetched 10 posts (total so far: 90)
Page 10: fetched 10 posts (total so far: 100)
Page 11: fetched 0 posts (total so far: 100)

Total posts fetched: 100
`,
  "07-paginate.ts": `Total posts fetched: 100
All: 200
Some: 3
`,
  "07-styles.ts": `Page number: 100
Offset: 100
Cursor: 100
Next URL: 100
Link header: 100
max-pages: 4 pages, 40 rows
repeated
`,
  "08-reusable-client.ts": `Posts returned: 3
`,
  "08-valibot.ts": `Leanne Graham, Sincere@april.biz
[GET] /posts/1 failed: The response does not match the schema: author: Invalid key: Expected "author" but received undefined for GET BASE/posts/1
[GET] /posts/99999 failed: 404 Client Error: Not Found for GET BASE/posts/99999
`,
};
