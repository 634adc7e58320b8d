"""A bar chart as SVG, without a library."""

BARS = [
    ("mlp-tiny", 1, "train_us_min", "mlp-tiny, train step"),
    ("mlp-tiny", 1, "infer_b1_us_min", "mlp-tiny, inference"),
    ("mlp-mnist", 1, "train_us_min", "mlp-mnist, train step"),
    ("mlp-mnist", 2, "train_us_min", "mlp-mnist, train step, 2 threads"),
    ("mlp-mnist", 1, "infer_b1_us_min", "mlp-mnist, inference"),
    ("gemm", 1, "gemm_512x512x512_GFLOPs_max", "product of 512 x 512"),
    ("elementwise", 1, "tanh_ns_per_elt_min", "tanh"),
    ("elementwise", 1, "gelu_ns_per_elt_min", "GELU"),
    ("elementwise", 1, "softmax_768x65_ns_per_elt_min", "softmax of 768 x 65"),
]
COLOURS = ["#d9480f", "#f08c00", "#1c7ed6", "#74c0fc", "#7048e8", "#2b8a3e", "#868e96", "#c2255c", "#0b7285", "#5c940d", "#495057"]
WIDTH, LABEL, LINE, MOST = 900, 240, 14, 32


def chart(results, peers):
    """Time of each peer over nanotorch's, on a logarithmic scale from 1/2 to MOST; longer bars are slower."""
    import math

    parts, y = [], 46
    scale = (WIDTH - LABEL - 90) / math.log2(2 * MOST)

    def place(ratio):
        return LABEL + scale * math.log2(2 * min(max(ratio, 0.5), MOST))

    for workload, threads, metric, label in BARS:
        row = results.get((workload, threads, metric), {})
        own = row.get("nanotorch")
        if not own:
            continue
        parts.append(f'<text x="{LABEL - 10}" y="{y + 11}" text-anchor="end" font-weight="bold">{label}</text>')
        for colour, peer in zip(COLOURS, peers):
            if peer not in row:
                continue
            ratio = own / row[peer] if metric.endswith("_max") else row[peer] / own
            end = place(ratio)
            parts.append(f'<rect x="{LABEL}" y="{y}" width="{end - LABEL:.1f}" height="{LINE - 3}" fill="{colour}"/>')
            parts.append(f'<text x="{end + 4:.1f}" y="{y + 10}">{peer} {ratio:.3g} x</text>')
            y += LINE
        y += 10
    lines = []
    for ratio in [0.5, 1, 2, 4, 8, 16, 32]:
        x = place(ratio)
        lines.append(f'<line x1="{x:.1f}" y1="34" x2="{x:.1f}" y2="{y}" stroke="#dee2e6"/>')
        lines.append(f'<text x="{x:.1f}" y="30" text-anchor="middle" fill="#868e96">{ratio:g}</text>')
    head = f'<text x="{LABEL}" y="15">Time, as a multiple of nanotorch\'s (shorter is faster)</text>'
    style = '<style>text{font:11px sans-serif}</style><rect width="100%" height="100%" fill="white"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + 10}">{style}{head}'
        + "".join(lines + parts)
        + "</svg>\n"
    )
