//! Data sets: what is read is what was written, whatever is damaged is an error, and batches are fair and free.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use nanotorch::data::csv::{Column, CsvReader, Header};
use nanotorch::data::idx::{self, Idx};
use nanotorch::data::{DataError, Dataset, Normalization, digits};
use nanotorch::shape::{R1, R2, R3};
use proptest::collection::vec;
use proptest::prelude::*;

const DIGITS: &[u8] = include_bytes!("../../examples/data/digits.csv.gz");

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory takes all");
    encoder.finish().expect("memory takes all")
}

fn idx_file(dims: &[u32], values: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, dims.len() as u8];
    bytes.extend(dims.iter().flat_map(|length| length.to_be_bytes()));
    bytes.extend_from_slice(values);
    bytes
}

fn any_idx() -> impl Strategy<Value = (Vec<u32>, Vec<u8>)> {
    vec(1_u32..6, 1..5).prop_flat_map(|dims| {
        let length = dims.iter().product::<u32>() as usize;
        (Just(dims), vec(any::<u8>(), length))
    })
}

fn message<V: std::fmt::Debug>(result: Result<V, DataError>) -> String {
    result.expect_err("it is damaged").to_string()
}

proptest! {
    #[test]
    fn idx_comes_back_as_it_was_written((dims, values) in any_idx()) {
        let file = idx_file(&dims, &values);
        for bytes in [&file, &packed(&file)] {
            let read = Idx::read(&bytes[..])?;
            prop_assert!(read.dims().iter().map(|&length| length as u32).eq(dims.iter().copied()));
            prop_assert_eq!(read.values(), &values);
        }
    }

    #[test]
    fn idx_cut_anywhere_is_an_error((dims, values) in any_idx(), cut in any::<prop::sample::Index>()) {
        let file = idx_file(&dims, &values);
        for bytes in [&file, &packed(&file)] {
            prop_assert!(Idx::read(&bytes[..cut.index(bytes.len())]).is_err());
        }
    }

    #[test]
    fn idx_with_more_behind_it_is_an_error((dims, values) in any_idx(), more in vec(any::<u8>(), 1..20)) {
        let expected = idx_file(&dims, &values).len() as u64;
        let file = [idx_file(&dims, &values), more].concat();
        for bytes in [&file, &packed(&file)] {
            prop_assert_eq!(Idx::read(&bytes[..]), Err(DataError::Oversized { expected }));
        }
    }

    #[test]
    fn no_bytes_make_a_reader_panic(
        bytes in vec(any::<u8>(), 0..200),
        start in prop::sample::select(vec![&[][..], &[0, 0, 8], &[0x1F, 0x8B, 8, 0], b"1,2\n"]),
    ) {
        let file = [start, &bytes].concat();
        for bytes in [&file, &packed(&file)] {
            let _ = Idx::read(&bytes[..]);
            let _ = CsvReader::new().read(&bytes[..]);
            prop_assert!(digits::read::<R1<64>, f32>(&bytes[..]).is_err());
        }
    }

    #[test]
    fn a_flipped_bit_in_a_gzip_file_is_noticed(
        (dims, values) in any_idx(),
        at in any::<prop::sample::Index>(),
        bit in 0..8,
    ) {
        let file = idx_file(&dims, &values);
        let mut bytes = packed(&file);
        // The ten bytes of the header are not covered by the checksum; the content is.
        let at = 10 + at.index(bytes.len() - 10);
        bytes[at] ^= 1_u8 << bit;
        if let Ok(read) = Idx::read(&bytes[..]) {
            prop_assert_eq!(read.values(), values);
        }
    }

    #[test]
    fn csv_comes_back_as_it_was_written(
        (columns, values) in (1_usize..6).prop_flat_map(|columns| {
            let number = prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO;
            (Just(columns), vec(vec(number, columns), 1..20))
        }),
        header in any::<bool>(),
        end in prop::sample::select(vec!["\n", "\r\n", "\n\n"]),
        last_end in any::<bool>(),
    ) {
        let names: Vec<String> = (0..columns).map(|column| format!("x{column}")).collect();
        let mut lines = vec![names.join(",")];
        lines.extend(values.iter().map(|row| row.iter().map(f64::to_string).collect::<Vec<_>>().join(" , ")));
        let text = lines[usize::from(!header)..].join(end) + if last_end { end } else { "" };
        for bytes in [text.as_bytes(), &packed(text.as_bytes())] {
            let table = CsvReader::new().read(bytes)?;
            prop_assert_eq!((table.rows(), table.columns()), (values.len(), columns));
            prop_assert_eq!(table.values(), values.concat());
            prop_assert_eq!(table.names(), if header { &names[..] } else { &[] });
        }
    }

    #[test]
    fn the_line_of_a_ragged_row_is_named(blanks in vec(0_u64..3, 1..20), bad in any::<prop::sample::Index>()) {
        // Each row is preceded by as many blank lines as its number says.
        let bad = bad.index(blanks.len());
        let mut text = "0,0".to_owned();
        for (row, &blank) in blanks.iter().enumerate() {
            text += &"\n".repeat(blank as usize + 1);
            text += if row == bad { "1,2,3" } else { "1,2" };
        }
        let line = 2 + blanks[..=bad].iter().sum::<u64>() + bad as u64;
        let error = CsvReader::new().read(text.as_bytes());
        prop_assert_eq!(error, Err(DataError::Ragged { line, found: 3, expected: 2 }));
    }

    #[test]
    fn a_split_loses_and_doubles_nothing(len in 0_usize..200, fraction in -0.5_f64..1.5, seed in any::<u64>()) {
        let inputs = (0..2 * len).map(|value| value as f32).collect();
        let dataset: Dataset<R1<2>> = Dataset::new(inputs, (0..len as u32).collect())?;
        let (first, second) = dataset.split(fraction, seed);
        prop_assert_eq!(first.len(), (len as f64 * fraction.clamp(0.0, 1.0)).round() as usize);
        let mut rows = [first.targets(), second.targets()].concat();
        for (input, target) in first.iter().chain(second.iter()) {
            prop_assert_eq!(input, [2.0 * target[0] as f32, 2.0 * target[0] as f32 + 1.0]);
        }
        rows.sort();
        prop_assert_eq!(rows, dataset.targets());
        prop_assert_eq!(dataset.split(fraction, seed).0, first);
    }

    #[test]
    fn an_epoch_shows_every_sample_once(len in 0_usize..100, seed in any::<u64>(), epoch in any::<u64>()) {
        let rows = (0..len as u8).map(|row| [f32::from(row), 0.5]);
        let dataset: Dataset<R1<2>> = Dataset::from_rows(rows, 0..len as u32)?;
        let mut batches = dataset.batches::<7>(seed);
        batches.start_epoch(epoch);
        let (mut seen, mut rows, mut lengths) = (vec![], vec![], vec![]);
        while let Some(batch) = batches.next_batch() {
            for (input, &target) in batch.inputs.chunks(2).zip(batch.targets) {
                prop_assert_eq!(input, [target as f32, 0.5]);
            }
            prop_assert_eq!(batch.inputs.len(), 2 * batch.len);
            seen.extend_from_slice(batch.targets);
            lengths.push(batch.len);
            rows.extend(batches.rows().iter().map(|&row| row as u32));
            prop_assert_eq!(&rows, &seen);
        }
        prop_assert_eq!(lengths.len(), batches.len());
        prop_assert!(lengths.iter().rev().skip(1).all(|&length| length == 7));
        let mut resumed = dataset.batches::<7>(seed);
        resumed.start_epoch(epoch);
        resumed.skip(1);
        prop_assert_eq!(resumed.next_batch().map(|batch| batch.targets), seen.chunks(7).nth(1));
        seen.sort();
        prop_assert_eq!(seen, dataset.targets());
    }

    #[test]
    fn standardised_features_have_mean_0_and_variance_1(
        values in vec((-1e3_f64..1e3, 1e6_f64..1e6 + 1.0), 2..50),
        constant in prop::num::f32::NORMAL,
    ) {
        let rows = values.iter().map(|&(small, large)| [small, large, f64::from(constant)]);
        let mut train: Dataset<R1<3>, u32, f64> = Dataset::from_rows(rows, values.iter().map(|_| 0))?;
        Normalization::standard(&train).apply(&mut train);
        for feature in 0..2 {
            let column = || train.inputs().iter().skip(feature).step_by(3);
            let mean = column().sum::<f64>() / values.len() as f64;
            let variance = column().map(|x| x * x).sum::<f64>() / values.len() as f64;
            prop_assert!(mean.abs() < 1e-6 && (variance - 1.0).abs() < 1e-6, "mean {}, variance {}", mean, variance);
        }
        prop_assert!(train.inputs().iter().skip(2).step_by(3).all(|&x| x == 0.0));
    }
}

#[test]
fn the_digits_are_those_of_uci() -> Result<(), DataError> {
    let digits: Dataset<R2<8, 8>> = digits::read(DIGITS)?;
    assert_eq!(digits.len(), 1797);
    let mut histogram = [0; 10];
    for &label in digits.targets() {
        histogram[label as usize] += 1;
    }
    assert_eq!(histogram, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
    assert!(digits.inputs().iter().all(|ink| (0.0..=1.0).contains(ink)));
    assert_eq!(digits.inputs()[..6], [0.0, 0.0, 0.3125, 0.8125, 0.5625, 0.0625]);
    Ok(())
}

#[test]
fn mnist_is_read_where_it_is() -> Result<(), DataError> {
    type Images = Dataset<R3<1, 28, 28>>;
    let Some(folder) = std::env::var_os("MNIST_DIR") else {
        println!("skipped: MNIST_DIR names no folder with MNIST's four files");
        return Ok(());
    };
    let (train, test): (Images, Images) = idx::open_mnist(folder)?;
    assert_eq!((train.len(), test.len()), (60_000, 10_000));
    assert_eq!(train.targets()[..10], [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    assert_eq!(test.targets()[..10], [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
    // The mean and the standard deviation that every tutorial uses.
    let overall = Normalization::standard_overall(&train);
    assert!((overall.centre()[0] - 0.1307).abs() < 1e-4 && (overall.spread()[0] - 0.3081).abs() < 1e-4);
    Ok(())
}

#[test]
fn every_problem_with_idx_is_named() {
    let read = |bytes: &[u8]| message(Idx::read(bytes));
    assert_eq!(read(&[]), "the file is empty");
    assert_eq!(read(&packed(&[])), "the file is empty");
    assert_eq!(
        read(&[0, 0]),
        "cut short: the IDX magic number takes 4 bytes from offset 0 on, but only 2 are there"
    );
    assert_eq!(
        read(&[0, 0, 8, 3, 0, 0, 0, 2, 0]),
        "cut short: the IDX header takes 12 bytes from offset 4 on, but only 5 are there"
    );
    assert_eq!(
        read(&idx_file(&[2, 2, 2], &[0; 5])),
        "cut short: the IDX array takes 8 bytes from offset 16 on, but only 5 are there"
    );
    assert_eq!(
        read(&idx_file(&[2], &[0; 3])),
        "too long: the header announces 10 bytes in all, but there are more; \
         is the header damaged, or something appended?"
    );
    assert_eq!(read(&idx_file(&[0, 28, 28], &[])), "the IDX array is empty");
    assert_eq!(
        read(&idx_file(&[u32::MAX; 3], &[0; 99])),
        "more than 4294967296 bytes, the most that is read into memory"
    );
    let wrong = |found| {
        format!("the first four bytes are {found}, but IDX of bytes (0x000008, then the rank) was expected")
    };
    assert_eq!(read(b"\x89PNG\r\n"), wrong("0x89504E47 (a PNG image)"));
    assert_eq!(read(b"PK\x03\x04"), wrong("0x504B0304 (a zip archive)"));
    assert_eq!(read(b"1,2,3\n"), wrong("0x312C322C (text)"));
    assert_eq!(read(&[0, 0, 13, 1]), wrong("0x00000D01 (IDX, but of numbers wider than a byte, or signed)"));
    assert_eq!(read(&packed(&packed(&[0; 9]))), wrong("0x1F8B0800 (gzip within gzip)"));
    let cut = packed(&idx_file(&[4], &[1, 2, 3, 4]));
    assert!(
        read(&cut[..cut.len() - 4])
            .starts_with("the gzip stream is damaged or cut short after 12 unpacked bytes: ")
    );
}

#[test]
fn every_problem_between_images_and_labels_is_named() -> Result<(), DataError> {
    let images = Idx::read(&idx_file(&[2, 1, 2], &[0; 4])[..])?;
    let labels = |labels: &[u8]| Idx::read(&idx_file(&[labels.len() as u32], labels)[..]);
    let joined = |labels: &Idx| message(images.classification::<R1<2>, f32>(labels, 10));
    assert_eq!(joined(&labels(&[1, 2, 3])?), "2 samples, but targets for 3: do the files belong together?");
    assert_eq!(
        joined(&labels(&[1, 10])?),
        "offset 9: sample 1 has the label 10, but with 10 classes labels are the whole numbers from 0 to 9"
    );
    assert_eq!(
        joined(&images),
        "the first four bytes are 0x00000803 (IDX images), but IDX labels (0x00000801) was expected"
    );
    assert_eq!(
        message(images.classification::<R3<1, 28, 28>, f32>(&labels(&[1, 2])?, 10)),
        "a sample here is [1, 2] (2 values), but the data set's shape is [1, 28, 28] (784 values)"
    );
    assert_eq!(
        message(labels(&[1])?.classification::<R1<2>, f32>(&labels(&[1])?, 10)),
        "the first four bytes are 0x00000801 (IDX labels), but IDX images (0x00000803) was expected"
    );
    Ok(())
}

#[test]
fn files_are_named_in_errors() -> std::io::Result<()> {
    let folder = std::env::temp_dir().join(format!("nanotorch-data-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let (images, labels) = (folder.join("images"), folder.join("labels.gz"));
    std::fs::write(&images, idx_file(&[2, 1], &[0, 255]))?;
    std::fs::write(&labels, packed(&idx_file(&[2], &[0, 3])))?;
    let open = |classes| idx::open::<R1<1>, f32>(&images, &labels, classes);
    let (good, bad) = (open(4), open(3));
    let table = folder.join("table.csv");
    std::fs::write(&table, "size,kind\n0.5,1\n\n0.25,3\n")?;
    let sizes = CsvReader::new().open(&table).map(|table| table.classification::<R1<1>, f32>("kind", 3));
    let kinds = CsvReader::new().open(&table).map(|table| table.classification::<R1<1>, f32>("sort", 3));
    std::fs::remove_dir_all(&folder)?;
    let place = table.display();
    assert_eq!(
        sizes.map(message),
        Ok(format!(
            "{place}: line 4: sample 1 has the label 3, but with 3 classes labels are the whole numbers from 0 to 2"
        ))
    );
    assert_eq!(kinds.map(message), Ok(format!("{place}: no column `sort`: there are 2, named size, kind")));
    assert_eq!(good.map(|dataset| dataset.targets().to_vec()), Ok(vec![0, 3]));
    assert!(message(bad).starts_with(&format!("{}: offset 9: sample 1 has the label 3", labels.display())));
    assert!(matches!(open(4).expect_err("it is gone").problem(), DataError::Io { .. }));
    Ok(())
}

#[test]
fn every_problem_with_csv_is_named() {
    let read = |text: &str| message(CsvReader::new().read(text.as_bytes()));
    assert_eq!(read(""), "the CSV is empty");
    assert_eq!(read("\n\n"), "the CSV is empty");
    assert_eq!(read("a,b\n"), "the CSV after its header is empty");
    assert_eq!(read("a,b\n1,2\n3\n"), "line 3 has 1 fields, but the first line has 2");
    assert_eq!(read("1,2\n\n\n3,x\n"), "line 4, column 2: `x` is not a finite number");
    assert_eq!(read("1,2\n3,\n"), "line 2, column 2: `` is not a finite number");
    assert_eq!(read("1,2\n3,1e999\n"), "line 2, column 2: `1e999` is not a finite number");
    assert_eq!(read("1,2\nNaN,1\n"), "line 2, column 1: `NaN` is not a finite number");
    assert_eq!(
        read("id,2024\n1,2\n"),
        "line 1, column 1: `id` is not a finite number (if line 1 is a header, say so with `Header::Present`)"
    );
    assert_eq!(
        read(&format!("1\n{}\n", "y".repeat(5000))),
        format!("line 2, column 1: `{}...` is not a finite number", "y".repeat(40))
    );
    assert_eq!(
        read("1,\"2\n3,4\n"),
        "line 1, column 2: `2` is not a finite number (if line 1 is a header, say so with `Header::Present`)"
    );
    let cut = &packed("1,2\n".repeat(9).as_bytes())[..20];
    assert!(
        message(CsvReader::new().read(cut)).starts_with("the gzip stream is damaged or cut short after ")
    );
}

#[test]
fn quotes_and_all_ends_of_lines_are_understood() -> Result<(), DataError> {
    let table = CsvReader::new().read("\"a,\"\"b\"\"\",c\r\n\"1\",2\r\n\r\n3,\"4\"\r5,6".as_bytes())?;
    assert_eq!(table.names(), ["a,\"b\"", "c"]);
    assert_eq!(table.values(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    Ok(())
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_first_number() -> Result<(), DataError> {
    assert_eq!(CsvReader::new().read("\u{FEFF}1,2\n".as_bytes())?.values(), [1.0, 2.0]);
    Ok(())
}

#[test]
fn every_problem_with_a_table_is_named() -> Result<(), DataError> {
    let table = CsvReader::new().header(Header::Present).read("2024,kind\n1.5,2\n2.5,0.5\n".as_bytes())?;
    let classes = |column: Column<'_>| message(table.classification::<R1<1>, f32>(column, 3));
    assert_eq!(classes("sort".into()), "no column `sort`: there are 2, named 2024, kind");
    assert_eq!(
        classes(Column::Last),
        "line 3: sample 1 has the label 0.5, but with 3 classes labels are the whole numbers from 0 to 2"
    );
    assert_eq!(
        message(table.regression::<R2<2, 2>, f32>(["kind"])),
        "a sample here is [1] (1 values), but the data set's shape is [2, 2] (4 values)"
    );
    let bare = CsvReader::new().read("1,2\n".as_bytes())?;
    assert_eq!(
        message(bare.regression::<R1<1>, f32>([5])),
        "no column 5: there are 2 columns, counted from 0, and no header"
    );
    Ok(())
}

#[test]
fn digits_that_are_none_are_named() {
    let line = |ink: &str, label: &str| format!("{}{ink},{label}", "0,".repeat(63));
    let read = |text: String| message(digits::read::<R1<64>, f32>(text.as_bytes()));
    assert_eq!(read(line("17", "3")), "line 1: sample 0, feature 63: 17 is not in 0..=16");
    assert!(read(line("16", "10")).starts_with("line 1: sample 0 has the label 10"));
    assert!(read("1,2,3\n".to_owned()).starts_with("a sample here is [2] (2 values)"));
}

#[test]
fn a_header_that_promises_gigabytes_costs_nothing() {
    // 65,535 x 65,535 bytes are just below the limit, so only the content can tell that they aren't there.
    let promise = idx_file(&[65_535, 65_535], &[0; 50]);
    let bomb = packed(&idx_file(&[2, 2], &vec![0; 50_000_000]));
    for file in [&promise, &packed(&promise), &bomb] {
        let allocated = allocation_counter::measure(|| assert!(Idx::read(&file[..]).is_err()));
        assert!(allocated.bytes_max < 1 << 20, "{} bytes at once for {}", allocated.bytes_max, file.len());
    }
}

#[test]
fn batches_allocate_nothing() -> Result<(), DataError> {
    let digits: Dataset<R1<64>> = digits::read(DIGITS)?;
    let mut batches = digits.batches::<64>(1);
    let mut samples = 0;
    let allocated = allocation_counter::measure(|| {
        for epoch in 0..3 {
            batches.start_epoch(epoch);
            while let Some(batch) = batches.next_batch() {
                samples += batch.len;
            }
            samples += digits.chunks(100).map(|batch| batch.len).sum::<usize>();
        }
    });
    assert_eq!((allocated.count_total, samples), (0, 6 * 1797));
    Ok(())
}

#[test]
fn the_order_depends_on_the_seed_and_the_epoch_alone() -> Result<(), DataError> {
    let digits: Dataset<R1<64>> = digits::read(DIGITS)?;
    let last_rows = |seed, epochs: &[u64]| {
        let mut batches = digits.batches::<50>(seed);
        for &epoch in epochs {
            batches.start_epoch(epoch);
            batches.next_batch();
        }
        batches.rows().to_vec()
    };
    assert_eq!(last_rows(1, &[0, 1, 2]), last_rows(1, &[2]));
    assert_ne!(last_rows(1, &[2]), last_rows(1, &[1]));
    assert_ne!(last_rows(1, &[2]), last_rows(2, &[2]));
    Ok(())
}
