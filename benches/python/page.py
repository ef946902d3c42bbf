"""The article's page: its program in Gradio. Prints its address."""

import sys

import gradio as gr
from openai import AsyncOpenAI

import article

LABELS = ["深さ", "広さ", "構造", "時間"]


def main(client: AsyncOpenAI) -> gr.Blocks:
    async def answer(text: str):
        prompts = [f"{text} Answer as lane-{lane:03}." for lane in range(len(LABELS))]
        async for texts in article.main(client, prompts):
            yield texts

    with gr.Blocks() as page:
        text = gr.Textbox(label="課題", placeholder="課題を入力してください")
        start = gr.Button("Start")
        panes = []
        for row in (LABELS[:2], LABELS[2:]):
            with gr.Row():
                panes += [gr.Textbox(label=label) for label in row]
        start.click(answer, inputs=text, outputs=panes)
    return page


if __name__ == "__main__":
    page = main(AsyncOpenAI(base_url=sys.argv[1]))
    _, address, _ = page.queue().launch(server_name="127.0.0.1", prevent_thread_lock=True, quiet=True, theme=gr.themes.Soft())
    print(address, flush=True)
    page.block_thread()
