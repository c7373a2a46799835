"""The painting filter: brush strokes, by the Kuwahara filter.

    painting.py INPUT OUTPUT '{"radius": 4}'

Around every pixel lie four square windows that have the pixel in a corner. The pixel becomes the mean of the window
whose brightness varies least (Kuwahara et al., 1976, with brightness as the measure for colours): areas become flat,
edges stay sharp.

INPUT is a TIFF of 8 or 16 bits in grey or sRGB, with or without alpha; OUTPUT becomes one of the same size, channels,
depth and orientation. Ends with 0, with 65 where the picture is at fault, or with another code and a reason on standard
error. KADAM_THREADS says how many threads may be used.
"""

import json
import os
import sys

BAD_PICTURE = 65

# libvips reads it when it starts.
os.environ["VIPS_CONCURRENCY"] = os.environ.get("KADAM_THREADS", "1")

try:
    import gi

    gi.require_version("Vips", "8.0")
    from gi.repository import GObject, Vips
except (ImportError, ValueError) as error:
    sys.exit(
        f"Expected libvips and its GObject introspection but: {error}. "
        "On Debian: apt-get install python3-gi gir1.2-vips-8.0"
    )

# ITU-R BT.709, table 1, item 3.2: how much each of red, green and blue adds to the brightness.
BRIGHTNESS = [0.2126, 0.7152, 0.0722]

# Rows that are worked out at once, for all four windows.
STRIP_HEIGHT = 64


class BadPicture(Exception):
    """The picture is at fault, in words for whoever uploaded it."""


def run(name, arguments):
    """Runs a libvips operation, and answers the picture that it makes, if it makes one."""
    operation = Vips.Operation.new(name)
    for key, value in arguments.items():
        GObject.Object.set_property(operation, key, value)
    if operation.build() != 0:
        raise RuntimeError(f"{name}: {Vips.error_buffer_copy().strip()}")
    return None if name == "tiffsave" else GObject.Object.get_property(operation, "out")


def box_mean(picture, side):
    """The mean of the square whose upper left corner a pixel is; short of `side` from the other edges it is wrong."""
    row = Vips.Image.new_matrix_from_array(side, 1, [1 / side] * side)
    column = Vips.Image.new_matrix_from_array(1, side, [1 / side] * side)
    for mask in (row, column):
        picture = run("conv", {"in": picture, "mask": mask, "precision": Vips.Precision.FLOAT})
    # libvips puts a mask's middle on the pixel.
    return crop(picture, side // 2, side // 2, picture.get_width() - side // 2, picture.get_height() - side // 2)


def crop(picture, left, top, width, height):
    return run("extract_area", {"input": picture, "left": left, "top": top, "width": width, "height": height})


def bands(picture, first, count):
    return run("extract_band", {"in": picture, "band": first, "n": count})


def brightness(picture, has_alpha, peak):
    """One band from 0 to 1."""
    if picture.get_bands() - int(has_alpha) == 1:
        grey = bands(picture, 0, 1)
    else:
        weights = Vips.Image.new_matrix_from_array(3, 1, BRIGHTNESS)
        grey = run("recomb", {"in": bands(picture, 0, 3), "m": weights})
    return linear(grey, 1 / peak)


def linear(picture, times):
    array = Vips.ArrayDouble.new
    return run("linear", {"in": picture, "a": array([times]), "b": array([0])})


def arithmetic(name, left, right):
    return run(name, {"left": left, "right": right})


def kuwahara(picture, radius, has_alpha, peak):
    """`picture` in floating-point numbers, with every pixel the mean of its calmest window."""
    width, height, count = picture.get_width(), picture.get_height(), picture.get_bands()
    light = brightness(picture, has_alpha, peak)
    measured = Vips.ArrayImage.new([picture, light, arithmetic("multiply", light, light)])
    framed = run(
        "embed",
        {
            "in": run("bandjoin", {"in": measured}),
            "x": radius,
            "y": radius,
            "width": width + 2 * radius,
            "height": height + 2 * radius,
            "extend": Vips.Extend.COPY,
        },
    )
    means = run(
        "linecache",
        {
            "in": box_mean(framed, radius + 1),
            "tile-height": STRIP_HEIGHT,
            "access": Vips.Access.SEQUENTIAL,
            "threaded": True,
        },
    )
    calmest = None
    for left, top in ((0, 0), (radius, 0), (0, radius), (radius, radius)):
        window = crop(means, left, top, width, height)
        mean_light = bands(window, count, 1)
        variance = arithmetic("subtract", bands(window, count + 1, 1), arithmetic("multiply", mean_light, mean_light))
        candidate = (variance, bands(window, 0, count))
        if calmest is None:
            calmest = candidate
            continue
        is_calmer = run("relational", {"left": variance, "right": calmest[0], "relational": Vips.OperationRelational.LESS})
        calmest = tuple(
            run("ifthenelse", {"cond": is_calmer, "in1": new, "in2": old})
            for new, old in zip(candidate, calmest, strict=True)
        )
    return calmest[1]


def paint(source, target, radius):
    picture = run("tiffload", {"filename": source, "access": Vips.Access.SEQUENTIAL})
    width, height = picture.get_width(), picture.get_height()
    if min(width, height) < 2 * radius + 1:
        raise BadPicture(
            f"Expected a picture of at least {2 * radius + 1} pixels a side for a radius of {radius} "
            f"but received {width} x {height}."
        )
    sample, has_alpha = picture.get_format(), picture.hasalpha()
    peak = 65535 if sample == Vips.BandFormat.USHORT else 255
    colours = picture
    # Where nothing is seen, no colour is to be mixed in.
    if has_alpha:
        colours = run("premultiply", {"in": colours, "max-alpha": peak})
    colours = kuwahara(colours, radius, has_alpha, peak)
    if has_alpha:
        colours = run("unpremultiply", {"in": colours, "max-alpha": peak})
    whole = run("round", {"in": colours, "round": Vips.OperationRound.RINT})
    painted = run("cast", {"in": whole, "format": sample})
    same = run("copy", {"in": painted, "interpretation": picture.get_interpretation()})
    run("tiffsave", {"in": same, "filename": target, "bigtiff": True})


def main():
    source, target, options = sys.argv[1:]
    Vips.init(sys.argv[0])
    try:
        paint(source, target, json.loads(options)["radius"])
    except BadPicture as error:
        print(error, file=sys.stderr)
        sys.exit(BAD_PICTURE)


main()
