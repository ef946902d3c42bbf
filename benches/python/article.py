"""The article's program: async generators that yield the whole text so far, merged in lock-step."""

import common


async def fetch_gpt_response(client, prompt, model="gpt-3.5-turbo"):
    stream = await client.chat.completions.create(
        model=model,
        messages=[{"role": "user", "content": prompt}],
        stream=True,
    )
    text = ""
    async for chunk in stream:
        content = chunk.choices[0].delta.content
        if content is not None:
            text += content
            yield text


async def merge_async_iterators(*iterators):
    iterators = [iterator.__aiter__() for iterator in iterators]
    latest = [""] * len(iterators)
    running = [True] * len(iterators)
    while any(running):
        for i, iterator in enumerate(iterators):
            if not running[i]:
                continue
            try:
                latest[i] = await iterator.__anext__()
            except StopAsyncIteration:
                running[i] = False
        yield tuple(latest)


async def main(client, prompts):
    async for texts in merge_async_iterators(*(fetch_gpt_response(client, prompt) for prompt in prompts)):
        yield texts


if __name__ == "__main__":
    common.run(main)
