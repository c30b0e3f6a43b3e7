"""Speech models for people: profiles with their figures, what is on this machine, and how a model runs."""

from __future__ import annotations

from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table as RichTable

from flows.view.console import wide_console
from pipeline.domain.errors import ModelError
from pipeline.transcribe.recogniser.model_files import LocalModel, Origin, local_folder
from pipeline.transcribe.recogniser.probe import ModelReport
from pipeline.transcribe.recogniser.profiles import PROFILES, Compute, Profile

_ORIGINS = {
    Origin.SHIPPED: "随附",
    Origin.MODELS: "models/ 文件夹",
    Origin.FOLDER: "指定的文件夹",
    Origin.CACHE: "模型库缓存",
}
_UNKNOWN = "无公布数据"


def print_profiles() -> None:
    """The profiles with their model, what is known of them, and whether they can be used at once."""
    console = wide_console()
    table = RichTable(title="方案(zhijian run … --profile 名称)", show_lines=True)
    for header in ("名称", "用途与模型", "本机", "错字率", "速度", "内存(处理器)", "显存(显卡)"):
        table.add_column(header, overflow="fold")
    for profile in PROFILES.values():
        table.add_row(
            profile.name,
            f"{profile.purpose}\n[dim]{profile.model}[/dim]",
            _on_this_machine(profile),
            _UNKNOWN if profile.error_percent is None else f"{profile.error_percent} %",
            _UNKNOWN if profile.relative_speed is None else f"{profile.relative_speed:g} 倍",
            _memory(profile, profile.cpu),
            _memory(profile, profile.cuda, published_mb=profile.cuda_memory_mb),
        )
    console.print(table)
    for source in dict.fromkeys(source for profile in PROFILES.values() for source in profile.sources):
        console.print(f"出处:{escape(source)}", style="dim", highlight=False)
    console.print(
        "错字率是公布的;这两个模型学过同一来源的训练录音,在自己的电话上会更高。"
        "速度以 accurate 为 1,在显卡上;处理器上的速度无公布数据。"
        "“至少”是按参数量和同时识别的窗口算得的下限,--asr-batch-size 改小则减少",
        style="dim",
        highlight=False,
    )


def _on_this_machine(profile: Profile) -> str:
    try:
        return "[yellow]没有[/yellow]" if local_folder(profile.model) is None else "[green]有[/green]"
    except ModelError:
        return "[red]不完整[/red]"


def _memory(profile: Profile, compute: Compute, *, published_mb: int | None = None) -> str:
    least_mb = profile.least_memory_mb(compute)
    if least_mb is None:
        return _UNKNOWN
    published = "" if published_mb is None else f"\n公布(逐窗):{published_mb / 1000:.1f} GB"
    return f"至少 {least_mb / 1000:.1f} GB\n[dim]{compute.compute_type},{compute.batch_size} 窗[/dim]{published}"


def print_models(models: Sequence[LocalModel]) -> None:
    """The models on this machine, by what `--model` takes."""
    console = wide_console()
    table = RichTable(title="本机的模型(zhijian run … --model 名称)")
    for header in ("名称", "来源", "大小", "状态"):
        table.add_column(header, overflow="fold")
    for model in models:
        state = f"[red]缺少 {'、'.join(model.missing)}[/red]" if model.missing else "[green]文件齐全[/green]"
        table.add_row(escape(model.name), _ORIGINS[model.origin], f"{model.size_bytes / 10**6:,.0f} MB", state)
    console.print(table)
    console.print("能不能用:zhijian models check 名称", highlight=False)


def print_report(report: ModelReport, *, glossary: Sequence[str]) -> None:
    """How a model runs on this machine."""
    console = wide_console()
    memory = "本系统不提供" if report.peak_memory_mb is None else f"{report.peak_memory_mb:,} MB(本进程的最高值)"
    if report.device == "cuda":
        memory += ",不含显存;显存请用 nvidia-smi 查看"
    windows = f"合并到 {report.window_s} 秒" if report.window_s else "每段话一个"
    rows = (
        ("文件夹", str(report.folder)),
        ("设备", {"cpu": "处理器(cpu)", "cuda": "显卡(cuda)"}.get(report.device, report.device)),
        ("运算精度", report.compute_type),
        ("语种", _languages(report.languages)),
        ("内存", memory),
        ("窗口", f"{windows},补足到 {report.pad_s} 秒,同时 {report.batch_size} 个,搜索宽度 {report.beam_size}"),
    )
    for name, value in rows:
        console.print(f"{name}:{value}", markup=False, highlight=False, soft_wrap=True)
    if glossary:
        console.print(f"词表:{len(glossary)} 个词中采用 {len(report.hotwords)} 个", highlight=False)
    console.print("[green]可以使用[/green]")


def _languages(codes: Sequence[str]) -> str:
    return "、".join(codes) if len(codes) <= 5 else f"{len(codes)} 种{',含 zh' if 'zh' in codes else ''}"
