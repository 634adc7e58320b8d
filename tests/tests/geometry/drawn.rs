//! Written by `tests/golden/geometry.py`.

/// Hands the layers whose geometry is drawn to a macro.
macro_rules! with_drawn {
    ($Use:ident) => {
        $Use! {
            "drawn_0": R2<6, 6>, |T| Conv1d<6, 6, 2, (Stride<3>, Padding<1>, Dilation<1>, Groups<3, 2>), T>;
            "drawn_1": R3<16, 5, 8>, |T| Conv2d<16, 18, 3, (Stride<1>, Padding<0>, Dilation<1>, Groups<1, 16>), T>;
            "drawn_2": R3<17, 4, 7>, |T| Conv2d<17, 16, 3, (Stride<1>, Padding<0>, Dilation<1>, Groups<1, 17>), T>;
            "drawn_3": R4<4, 3, 1, 4>, |T| Conv3d<4, 6, 1, (Stride<3>, Padding<0>, Dilation<1>, Groups<2, 2>), T>;
            "drawn_4": R2<3, 5>, |T| ConvTranspose1d<3, 9, 1, (Stride<3>, Padding<0>, Dilation<2>, Groups<3, 3>), T>;
            "drawn_5": R3<3, 2, 2>, |T| ConvTranspose2d<3, 3, 4, (Stride<1>, Padding<0>, Dilation<2>, Groups<1, 3>, NoBias), T>;
            "drawn_6": R3<2, 11, 9>, |T| MaxPool2d<4, (Stride<2>, Padding<2>, Dilation<2>), T>;
            "drawn_7": R3<2, 5, 7>, |T| AvgPool2d<4, (Stride<2>, Padding<2>, Dilation<1>), T>;
            "drawn_8": R2<2, 4>, |T| Conv1d<2, 6, 2, (Stride<3>, Padding<0>, Dilation<1>, Groups<2, 1>), T>;
            "drawn_9": R3<1, 2, 3>, |T| Conv2d<1, 1, 2, (Stride<3>, Padding<2>, Dilation<1>, Groups<1, 1>, NoBias), T>;
            "drawn_10": R3<9, 4, 3>, |T| Conv2d<9, 6, 2, (Stride<1>, Padding<1>, Dilation<1>, Groups<3, 3>), T>;
            "drawn_11": R4<6, 3, 5, 2>, |T| Conv3d<6, 3, 2, (Stride<2>, Padding<0>, Dilation<1>, Groups<3, 2>, NoBias), T>;
            "drawn_12": R2<9, 2>, |T| ConvTranspose1d<9, 6, 2, (Stride<3>, Padding<1>, Dilation<2>, Groups<3, 2>, NoBias), T>;
            "drawn_13": R3<4, 3, 2>, |T| ConvTranspose2d<4, 6, 4, (Stride<2>, Padding<0>, Dilation<1>, Groups<2, 3>), T>;
            "drawn_14": R3<3, 6, 1>, |T| MaxPool2d<1, (Stride<2>, Padding<0>, Dilation<2>), T>;
            "drawn_15": R3<3, 10, 6>, |T| AvgPool2d<4, (Stride<2>, Padding<2>, Dilation<1>), T>;
            "drawn_16": R2<3, 13>, |T| Conv1d<3, 1, 4, (Stride<3>, Padding<2>, Dilation<2>, Groups<1, 3>), T>;
            "drawn_17": R3<16, 6, 2>, |T| Conv2d<16, 17, 3, (Stride<1>, Padding<1>, Dilation<1>, Groups<1, 16>, NoBias), T>;
            "drawn_18": R3<17, 4, 4>, |T| Conv2d<17, 19, 3, (Stride<1>, Padding<0>, Dilation<1>, Groups<1, 17>), T>;
            "drawn_19": R4<1, 4, 6, 4>, |T| Conv3d<1, 2, 3, (Stride<3>, Padding<0>, Dilation<1>, Groups<1, 1>, NoBias), T>;
            "drawn_20": R2<2, 2>, |T| ConvTranspose1d<2, 3, 2, (Stride<2>, Padding<0>, Dilation<1>, Groups<1, 3>, NoBias), T>;
            "drawn_21": R3<2, 3, 3>, |T| ConvTranspose2d<2, 6, 4, (Stride<1>, Padding<2>, Dilation<2>, Groups<2, 3>, NoBias), T>;
            "drawn_22": R3<1, 7, 6>, |T| MaxPool2d<3, (Stride<2>, Padding<0>, Dilation<2>), T>;
            "drawn_23": R3<3, 4, 7>, |T| AvgPool2d<4, (Stride<3>, Padding<0>, Dilation<1>), T>;
        }
    };
}
pub(crate) use with_drawn;
