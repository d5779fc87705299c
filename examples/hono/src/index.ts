import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";

interface Book {
  id: number;
  title: string;
}

const app = new Hono<{ Bindings: { API_NAME: string } }>();

const books: readonly Book[] = [
  { id: 1, title: "The Left Hand of Darkness" },
  { id: 2, title: "Solaris" },
];

app.use(async (c, next) => {
  await next();
  c.header("x-api", c.env.API_NAME);
});

app.get("/", (c) => c.json(books));

app.get("/:id{[0-9]+}", (c) => {
  const book = books.find((b) => b.id === Number(c.req.param("id")));
  if (!book) throw new HTTPException(404, { message: "no such book" });
  return c.json(book);
});

app.post("/echo", async (c) => c.json(await c.req.json(), 201));

export default app;
