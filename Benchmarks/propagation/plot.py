"""A plot of lines on two logarithmic axes, as SVG."""
import html
import math

colours = ["#0b6", "#06c", "#093", "#36f", "#c33", "#e80", "#93c", "#777", "#055"]


def lines(series, x_label, y_label, width=860, height=420):
    """`series` is {label: [(x, y)]}; the y axis is in whole decades."""
    points = [(x, max(y, 0.1)) for values in series.values() for x, y in values]
    left, right, top, bottom = 60, 300, 20, 50
    low, high = math.log10(min(x for x, _ in points)), math.log10(max(x for x, _ in points))
    floor = math.floor(math.log10(min(y for _, y in points)))
    ceiling = max(math.ceil(math.log10(max(y for _, y in points))), floor + 1)

    def at(x, y):
        across = (math.log10(x) - low) / (high - low) if high > low else 0.5
        up = (math.log10(max(y, 0.1)) - floor) / (ceiling - floor)
        return left + across * (width - left - right), height - bottom - up * (height - top - bottom)

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>']
    for decade in range(floor, ceiling + 1):
        _, y = at(10 ** low, 10.0 ** decade)
        out.append(f'<path d="M{left} {y:.1f}H{width - right}" stroke="#ddd"/>')
        out.append(f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{10.0 ** decade:,g}</text>')
    for x in sorted({x for x, _ in points}):
        across, _ = at(x, 10.0 ** floor)
        out.append(f'<text x="{across:.1f}" y="{height - bottom + 18}" text-anchor="middle">{x:,}</text>')
    out.append(f'<text x="{(left + width - right) / 2}" y="{height - 10}" text-anchor="middle">{html.escape(x_label)}</text>')
    out.append(f'<text transform="translate(14 {height / 2}) rotate(-90)" text-anchor="middle">{html.escape(y_label)}</text>')
    for number, (label, values) in enumerate(series.items()):
        colour = colours[number % len(colours)]
        spots = [at(x, y) for x, y in sorted(values)]
        out.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in spots)}"/>')
        out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in spots]
        y = top + 12 + 20 * number
        out.append(f'<rect x="{width - right + 20}" y="{y - 9}" width="10" height="10" fill="{colour}"/>')
        out.append(f'<text x="{width - right + 36}" y="{y}">{html.escape(label)}</text>')
    return "\n".join(out + ["</svg>"]) + "\n"
