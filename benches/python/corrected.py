"""The same program with its merge corrected: a task for each stream and a queue; what has come meanwhile is one tuple,
and a stream that fails ends alone."""

import asyncio

import common
from article import fetch_gpt_response


async def merge_async_iterators(*iterators):
    queue = asyncio.Queue()

    async def pump(i, iterator):
        try:
            async for text in iterator:
                queue.put_nowait((i, text))
        except Exception as error:  # this pane's own end; the others go on
            queue.put_nowait((i, f"Error: {error}"))
        finally:
            queue.put_nowait((i, None))

    latest = [""] * len(iterators)
    tasks = [asyncio.create_task(pump(i, iterator)) for i, iterator in enumerate(iterators)]
    running = len(tasks)
    try:
        while running:
            i, text = await queue.get()
            while True:
                if text is None:
                    running -= 1
                else:
                    latest[i] = text
                if queue.empty():
                    break
                i, text = queue.get_nowait()
            yield tuple(latest)
    finally:
        for task in tasks:
            task.cancel()


async def main(client, prompts):
    async for texts in merge_async_iterators(*(fetch_gpt_response(client, prompt) for prompt in prompts)):
        yield texts


if __name__ == "__main__":
    common.run(main)
