"""Layers of images, signals and volumes: convolutions, poolings, normalisations, resampling."""

from torch import nn

from layers import BATCH, layer


FORMULAS = {
    **{f"Conv{n}d": "y(o, p) = b(o) + Σ w(o, c, t) x(c, p·stride + t·dilation - padding)" for n in (1, 2, 3)},
    **{f"ConvTranspose{n}d": "the gradient of a convolution by its input, + b" for n in (1, 2, 3)},
    **{f"MaxPool{n}d": "y(c, p) = max x(c, p·stride + t·dilation - padding)" for n in (1, 2, 3)},
    **{f"AvgPool{n}d": "y(c, p) = mean x(c, p·stride + t - padding)" for n in (1, 2, 3)},
    "Upsample": "more rows and columns",
    "PixelShuffle": "y(c, h·r + i, w·r + j) = x(c·r² + i·r + j, h, w)",
    "ZeroPad2d": "zeros around x",
    "LayerNorm": "y = w (x - mean) / √(variance + ε) + b over the last axes",
    "RMSNorm": "y = w x / √(mean x² + ε) over the last axis",
    "GroupNorm": "y = w(c) (x - mean) / √(variance + ε) + b(c) over groups of channels",
    **{f"BatchNorm{n}d": "y = w(c) (x - mean) / √(variance + ε) + b(c) over the batch" for n in (1, 2, 3)},
    **{f"InstanceNorm{n}d": "y = w(c) (x - mean) / √(variance + ε) + b(c) over each channel" for n in (1, 2, 3)},
    **{f"AdaptiveAvgPool{n}d": "y(c, p) = mean of part p of x(c)" for n in (1, 2, 3)},
}


def cases(out, list_of_cases):
    """Cases as (name, call, shape of a sample); the call is what makes the module."""
    for case, call, shape in list_of_cases:
        module = eval(call, {"nn": nn}).to(out.dtype)  # pylint: disable=eval-used
        x = out.uniform(f"{case}.x", (BATCH, *shape), -1, 1)
        layer(out, case, FORMULAS[type(module).__name__], call, module, x, reach=0.25)


def convolutions(out):
    """Every option, alone and together, odd sizes."""
    cases(out, [
        ("conv1d", "nn.Conv1d(2, 3, 3)", (2, 11)),
        ("conv1d_options", "nn.Conv1d(4, 6, 3, stride=2, padding=2, dilation=2, groups=2)", (4, 12)),
        ("conv2d", "nn.Conv2d(1, 2, 3)", (1, 5, 6)),
        ("conv2d_no_bias", "nn.Conv2d(3, 5, 2, bias=False)", (3, 4, 5)),
        ("conv2d_pointwise", "nn.Conv2d(5, 3, 1)", (5, 3, 2)),
        ("conv2d_stride", "nn.Conv2d(3, 4, 3, stride=2, padding=1)", (3, 7, 6)),
        ("conv2d_same", "nn.Conv2d(2, 3, 4, padding='same')", (2, 6, 5)),
        ("conv2d_dilation", "nn.Conv2d(2, 3, 3, dilation=2, padding=2)", (2, 7, 5)),
        ("conv2d_groups", "nn.Conv2d(4, 6, 3, groups=2)", (4, 5, 4)),
        ("conv2d_depthwise", "nn.Conv2d(3, 6, 3, padding=1, groups=3)", (3, 4, 5)),
        ("conv2d_rectangular", "nn.Conv2d(2, 3, (3, 5), stride=(2, 1), padding=(1, 2), dilation=(2, 1))", (2, 9, 6)),
        ("conv3d", "nn.Conv3d(2, 3, 2)", (2, 3, 4, 3)),
        ("conv3d_options", "nn.Conv3d(2, 4, 3, stride=2, padding=1, groups=2)", (2, 4, 3, 5)),
        ("conv_transpose1d", "nn.ConvTranspose1d(3, 2, 4, stride=3, padding=1)", (3, 5)),
        ("conv_transpose2d", "nn.ConvTranspose2d(3, 2, 3, stride=2, padding=1, output_padding=1)", (3, 4, 3)),
        ("conv_transpose2d_groups", "nn.ConvTranspose2d(4, 6, 2, stride=2, groups=2, bias=False)", (4, 3, 3)),
        ("conv_transpose2d_dilation", "nn.ConvTranspose2d(2, 3, 3, stride=2, dilation=2)", (2, 3, 4)),
        ("conv_transpose3d", "nn.ConvTranspose3d(2, 3, 2, stride=2)", (2, 2, 3, 2)),
    ])


def poolings(out):
    """Windows side by side, overlapping, with padding."""
    cases(out, [
        ("max_pool1d", "nn.MaxPool1d(3, stride=2)", (2, 11)),
        ("max_pool2d", "nn.MaxPool2d(2)", (2, 6, 8)),
        ("max_pool2d_odd", "nn.MaxPool2d(2)", (2, 7, 5)),
        ("max_pool2d_options", "nn.MaxPool2d(3, stride=2, padding=1, dilation=2)", (2, 9, 8)),
        ("max_pool3d", "nn.MaxPool3d(2, stride=1)", (2, 3, 4, 3)),
        ("avg_pool1d", "nn.AvgPool1d(3, stride=2, padding=1)", (2, 10)),
        ("avg_pool2d", "nn.AvgPool2d(2)", (2, 6, 7)),
        ("avg_pool2d_include", "nn.AvgPool2d(3, stride=2, padding=1)", (2, 6, 7)),
        ("avg_pool2d_exclude", "nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False)", (2, 6, 7)),
        ("avg_pool3d", "nn.AvgPool3d(2, stride=1, padding=1)", (2, 3, 2, 3)),
        ("adaptive_avg_pool1d", "nn.AdaptiveAvgPool1d(3)", (2, 10)),
        ("adaptive_avg_pool2d", "nn.AdaptiveAvgPool2d((3, 4))", (2, 7, 6)),
        ("adaptive_avg_pool3d", "nn.AdaptiveAvgPool3d(2)", (2, 3, 4, 5)),
    ])


def normalisations(out):
    """With and without weights and bias, long and short groups."""
    cases(out, [
        ("layer_norm", "nn.LayerNorm(19)", (2, 19)),
        ("layer_norm_of_two", "nn.LayerNorm((3, 7))", (2, 3, 7)),
        ("layer_norm_plain", "nn.LayerNorm(5, elementwise_affine=False, eps=1e-3)", (5,)),
        ("layer_norm_no_bias", "nn.LayerNorm(33, bias=False)", (33,)),
        ("rms_norm", "nn.RMSNorm(17, eps=1e-6)", (2, 17)),
        ("group_norm", "nn.GroupNorm(2, 6)", (6, 3, 5)),
        ("group_norm_one", "nn.GroupNorm(1, 3)", (3, 4)),
        ("group_norm_of_features", "nn.GroupNorm(3, 12)", (12,)),
        ("instance_norm2d", "nn.InstanceNorm2d(3)", (3, 4, 5)),
        ("batch_norm1d", "nn.BatchNorm1d(7)", (7,)),
        ("batch_norm2d", "nn.BatchNorm2d(4)", (4, 3, 6)),
        ("batch_norm3d_plain", "nn.BatchNorm3d(2, affine=False, eps=1e-3)", (2, 2, 3, 3)),
        ("instance_norm1d_affine", "nn.InstanceNorm1d(4, affine=True)", (4, 9)),
    ])


def resamplings(out):
    """Other lengths."""
    cases(out, [
        ("upsample_nearest", "nn.Upsample(scale_factor=3)", (2, 3, 2)),
        ("upsample_bilinear", "nn.Upsample(scale_factor=2, mode='bilinear')", (2, 3, 4)),
        ("pixel_shuffle", "nn.PixelShuffle(2)", (8, 3, 2)),
        ("zero_pad2d", "nn.ZeroPad2d((1, 2, 0, 3))", (2, 3, 4)),
    ])


def record(out):
    """All cases of images."""
    convolutions(out)
    poolings(out)
    normalisations(out)
    resamplings(out)
